Attribute VB_Name = "PasserelleRibbon"
Option Explicit
' The ribbon's callbacks. The buttons of the Review group mark rows here, at once; every other one calls Python,
' in the function of addin/ribbon.py that is named like the button.

Private Const FOR_A_COMPANY As String = ",connect,disconnect,authorize,pull,look_at_source,confirm_source," & _
    "check,preview,no_go,undo_no_go," & _
    "start_in_sync,suggest_matches,link,link_sure,unlink,create_new,find_in_ledger,same_one,second_one,confirm," & _
    "approve,sync,auto_sync,reconcile,tax_boxes,period_file,undo_transfer,undo_run,open_record,language,"
Private Const OVER_A_CONNECTION As String = ",start_in_sync,same_one,sync,auto_sync,reconcile,period_file," & _
    "undo_transfer,undo_run,"

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
    If Not IsConnected() Then Exit Function
    ConnectionText = Replace(TextOf("message.connected"), "{company}", Identity("connected_to"))
    If Identity("connected_until") <> "" Then
        ConnectionText = ConnectionText & " " & Replace(TextOf("message.until"), "{date}", Identity("connected_until"))
    End If
End Function

Private Function IsConnected() As Boolean
    ' As Python last wrote it; an authorization ends by itself, on a day that is written like 2026-12-31.
    If Identity("connected") = "yes" Then
        IsConnected = Identity("connected_until") = "" Or Identity("connected_until") >= Format(Date, "yyyy-mm-dd")
    End If
End Function

Public Function IsEnabled(ByVal button As String) As Boolean
    IsEnabled = True
    If InStr(FOR_A_COMPANY, "," & button & ",") > 0 And Identity("company") = "" Then IsEnabled = False
    If InStr(OVER_A_CONNECTION, "," & button & ",") > 0 And Not IsConnected() Then IsEnabled = False
    Select Case button
        Case "create_company": If Identity("company") <> "" Then IsEnabled = False
        Case "apply_settings", "give_secret": If Identity("company") = "" Then IsEnabled = False
        Case "connect": If IsConnected() Then IsEnabled = False
        Case "disconnect": If Identity("connected") = "no" Then IsEnabled = False
        Case "authorize": If Identity("signs_in") = "no" Then IsEnabled = False
        Case "mark_in_review", "approve": If Identity("review") = "no" Then IsEnabled = False
    End Select
End Function

' What it does --------------------------------------------------------------------------------------------------

Public Sub RibbonPython(control As IRibbonControl)
    On Error GoTo failed
    Dim program As String
    program = RibbonProgram()
    If program = "" Then
        Warn TextOf("message.program_missing")
        Exit Sub
    End If
    Tell TextOf("message.starting")   ' Python takes a moment to load; it says what it does from then on
    RunFrozenPython program, control.ID
    Application.StatusBar = False
    RefreshRibbon
    Exit Sub
failed:
    Dim detail As String
    detail = Err.Description
    Application.StatusBar = False
    Warn Replace(TextOf("message.python_missing"), "{detail}", detail)
End Sub

Public Function RibbonProgram() As String
    ' The program that the buttons start, or nothing. This machine says which it is, never a cell or a file beside the
    ' workbook: a variable of the environment (for a checkout), what was installed for this person, then for everybody,
    ' what "passerelle init" or "passerelle doctor" noted, then PATH.
    Dim folder As Variant
    RibbonProgram = Existing(Environ("PASSERELLE_RIBBON"))
    If RibbonProgram = "" And OnWindows() Then RibbonProgram = InstalledProgram()
    If RibbonProgram = "" Then RibbonProgram = Existing(NotedProgram())
    If RibbonProgram <> "" Then Exit Function
    For Each folder In Split(Environ("PATH"), IIf(OnWindows(), ";", ":"))
        RibbonProgram = Existing(folder & IIf(OnWindows(), "\passerelle-ribbon.exe", "/passerelle-ribbon"))
        If RibbonProgram <> "" Then Exit Function
    Next folder
End Function

Private Function InstalledProgram() As String
    ' As the installer registered it; without that, where it installs for one person.
    InstalledProgram = Existing(Registered("HKCU"))
    If InstalledProgram = "" Then InstalledProgram = Existing(Registered("HKLM"))
    If InstalledProgram = "" Then
        InstalledProgram = Existing(Environ("LOCALAPPDATA") & "\Programs\Passerelle\passerelle-ribbon.exe")
    End If
End Function

Private Function Registered(ByVal hive As String) As String
    On Error Resume Next   ' RegRead fails where there is no such value
    Registered = CreateObject("WScript.Shell").RegRead(hive & "\Software\Passerelle\Ribbon")
End Function

Private Function NotedProgram() As String
    Dim place As String, noted As String, handle As Integer
    If OnWindows() Then
        place = Environ("LOCALAPPDATA") & "\Passerelle\ribbon.txt"
    ElseIf Environ("XDG_CONFIG_HOME") <> "" Then
        place = Environ("XDG_CONFIG_HOME") & "/Passerelle/ribbon.txt"
    Else
        place = Environ("HOME") & "/.config/Passerelle/ribbon.txt"
    End If
    If Existing(place) = "" Then Exit Function
    handle = FreeFile
    Open place For Input As #handle
    Line Input #handle, noted
    Close #handle
    NotedProgram = noted
End Function

Private Function Existing(ByVal path As String) As String
    ' A file by its whole path, or nothing: one that is relative would depend on where the workbook lies.
    Dim whole As Boolean
    If OnWindows() Then whole = path Like "[A-Za-z]:\*" Else whole = Left(path, 1) = "/"
    If Not whole Then Exit Function
    If Dir(path) <> "" Then Existing = path
End Function

Private Function OnWindows() As Boolean
    OnWindows = Environ("OS") = "Windows_NT"
End Function

Public Sub RibbonFind(control As IRibbonControl)
    If AskWhatToFind() Then RibbonPython control
End Sub

Public Function AskWhatToFind() As Boolean
    Dim typed As String
    If TypeName(Selection) = "Range" Then typed = Plain(ActiveCell.Value)
    typed = Trim(InputBox(TextOf("message.search"), TextOf("ribbon.find_in_ledger"), typed))
    If typed <> "" Then SetIdentity "search", typed
    AskWhatToFind = typed <> ""
End Function

Public Sub RibbonDay(control As IRibbonControl)
    If AskForDay(control.ID) Then RibbonPython control
End Sub

Public Function AskForDay(ByVal button As String) As Boolean
    ' Python reads the day, and says if it is none.
    Dim question As String, typed As String
    question = IIf(button = "start_in_sync", "message.start_date", "message.no_go_date")
    typed = Trim(InputBox(TextOf(question), TextOf("ribbon." & button), Format(Date, "yyyy-mm-dd")))
    If typed <> "" Then SetIdentity "day", typed
    AskForDay = typed <> ""
End Function

Public Sub RibbonMark(control As IRibbonControl)
    On Error GoTo failed
    Dim said As String
    Select Case control.ID
        Case "no_go_before": said = AskAndExclude()
        Case "undo_mark": said = UndoMark()
        Case Else: said = MarkSelection(Mid(control.ID, Len("mark_") + 1))
    End Select
    If said <> "" Then Tell said
    Exit Sub
failed:
    Warn Replace(TextOf("message.mark_failed"), "{detail}", Err.Description)
End Sub

Public Function AskAndExclude() As String
    Dim typed As String
    typed = Trim(InputBox(TextOf("message.no_go_date"), TextOf("ribbon.no_go_before"), Format(Date, "yyyy-mm-dd")))
    If typed <> "" Then AskAndExclude = NoGoBefore(typed)
End Function

Public Sub RibbonStop(control As IRibbonControl)
    SetIdentity "stop", "yes"
    Tell TextOf("message.stopping")
End Sub

' Saying --------------------------------------------------------------------------------------------------------

Private Sub Tell(ByVal sentence As String)
    Application.StatusBar = sentence
End Sub

Public Sub Warn(ByVal sentence As String)
    MsgBox sentence, vbExclamation, TextOf("ribbon.passerelle")
End Sub
