Attribute VB_Name = "PasserelleSetup"
Option Explicit
' The Set-up sheet shows what the chosen source and accounting system ask, and hides what the others would.

Public Sub ShowAsked()
    ' A row that says for whom it is ("For") is in sight where that is the source or the accounting system chosen.
    Dim names As Range, chosen As String, asker As String, i As Long
    Set names = Head("tblSetup", "key")
    If names Is Nothing Then Exit Sub
    For i = 1 To LastRow(names) - names.Row
        Select Case Plain(names.Offset(i, 0).Value)
            Case "source", "ledger": chosen = chosen & "|" & Plain(Beside(i, "value").Value) & "|"
        End Select
    Next i
    For i = 1 To LastRow(names) - names.Row
        asker = Plain(Beside(i, "of").Value)
        If asker <> "" Then names.Offset(i, 0).EntireRow.Hidden = InStr(chosen, "|" & asker & "|") = 0
    Next i
End Sub

Public Function IsSetUp(ByVal sheet As Object) As Boolean
    Dim names As Range
    Set names = Head("tblSetup", "key")
    If Not names Is Nothing Then IsSetUp = names.Worksheet.Name = sheet.Name
End Function

Private Function Beside(ByVal row As Long, ByVal column As String) As Range
    Set Beside = Head("tblSetup", column).Offset(row, 0)
End Function
