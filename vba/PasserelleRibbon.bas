Attribute VB_Name = "PasserelleRibbon"
Option Explicit
' The ribbon's callbacks. The buttons of the Review group mark rows here, at once; every other one calls Python,
' in the function of addin/ribbon.py that is named like the button.

Private officeRibbon As IRibbonUI

Public Sub RibbonLoaded(ui As IRibbonUI)
    Set officeRibbon = ui
End Sub

Public Sub RefreshRibbon()
    If Not officeRibbon Is Nothing Then officeRibbon.Invalidate
End Sub

' What it shows -------------------------------------------------------------------------------------------------

Public Sub RibbonLabel(control As IRibbonControl, ByRef shown)
    shown = TextOf("ribbon." & control.ID)
End Sub

Public Sub RibbonTip(control As IRibbonControl, ByRef shown)
    shown = TextOf("ribbon." & control.ID & ".tip")
End Sub

Public Sub RibbonConnection(control As IRibbonControl, ByRef shown)
    shown = ConnectionText()
End Sub

Public Sub RibbonEnabled(control As IRibbonControl, ByRef enabled)
    enabled = IsEnabled(control.ID)
End Sub

Public Function ConnectionText() As String
    ConnectionText = TextOf("message.not_connected")
    If Identity("connected") <> "yes" Then Exit Function
    ConnectionText = Replace(TextOf("message.connected"), "{company}", Identity("connected_to"))
    If Identity("connected_until") <> "" Then
        ConnectionText = ConnectionText & " " & Replace(TextOf("message.until"), "{date}", Identity("connected_until"))
    End If
End Function

Public Function IsEnabled(ByVal button As String) As Boolean
    Select Case button
        Case "connect": IsEnabled = Identity("connected") <> "yes"
        Case "disconnect": IsEnabled = Identity("connected") <> "no"
        Case "mark_in_review": IsEnabled = Identity("review") <> "no"
        Case Else: IsEnabled = True
    End Select
End Function

' What it does --------------------------------------------------------------------------------------------------

Public Sub RibbonPython(control As IRibbonControl)
    On Error GoTo failed
    If Identity("runtime") = "installed" Then
        RunFrozenPython Identity("executable"), control.ID
    Else
        RunPython "from addin import ribbon; ribbon." & control.ID & "()"
    End If
    RefreshRibbon
    Exit Sub
failed:
    Warn Replace(TextOf("message.python_missing"), "{detail}", Err.Description)
End Sub

Public Sub RibbonFind(control As IRibbonControl)
    Dim typed As String
    If TypeName(Selection) = "Range" Then typed = Plain(ActiveCell.Value)
    typed = Trim(InputBox(TextOf("message.search"), TextOf("ribbon.find_in_ledger"), typed))
    If typed = "" Then Exit Sub
    SetIdentity "search", typed
    RibbonPython control
End Sub

Public Sub RibbonMark(control As IRibbonControl)
    Tell MarkSelection(Mid(control.ID, Len("mark_") + 1))
End Sub

Public Sub RibbonNoGo(control As IRibbonControl)
    Dim typed As String
    typed = Trim(InputBox(TextOf("message.no_go_date"), TextOf("ribbon.no_go_before"), Format(Date, "yyyy-mm-dd")))
    If typed <> "" Then Tell NoGoBefore(typed)
End Sub

Public Sub RibbonUndoMark(control As IRibbonControl)
    Tell UndoMark()
End Sub

Public Sub RibbonStop(control As IRibbonControl)
    SetIdentity "stop", "yes"
    Tell TextOf("message.stopping")
End Sub

' Saying --------------------------------------------------------------------------------------------------------

Private Sub Tell(ByVal sentence As String)
    Application.StatusBar = sentence
End Sub

Private Sub Warn(ByVal sentence As String)
    MsgBox sentence, vbExclamation, TextOf("ribbon.passerelle")
End Sub
