Attribute VB_Name = "PasserelleGuard"
Option Explicit
' The review sheets are not protected, so that they sort, filter and unfold. Typing into a column that is only read is
' refused by its validation; what passes by a validation (deleting, pasting, filling) is undone here.

Private Const FAR_BELOW As Long = 50000    ' below all records, half way down the validations: rows are deleted above
Private Const MOST_COLUMNS As Long = 6     ' a wider change is a sort, or whole rows; Check looks at those

Private undoneAt As Double   ' what is cut and pasted changes two places at once: it is undone once, not twice

Public Sub GuardChange(ByVal sheet As Object, ByVal target As Range)
    ' With macros off, or where undoing fails, Check tells what was changed and Pull puts it back.
    On Error GoTo failed
    If Not IsOnlyRead(sheet, target) Then Exit Sub
    If (Now - undoneAt) * 86400 < 1 Then Exit Sub
    Application.EnableEvents = False
    Application.Undo
    Application.EnableEvents = True
    Warn TextOf("message.read_only")
    undoneAt = Now   ' after the person closed the message; what comes in the same second is of the same action
    Exit Sub
failed:
    Application.EnableEvents = True
End Sub

Public Function IsOnlyRead(ByVal sheet As Object, ByVal target As Range) As Boolean
    Dim area As Object, i As Long
    If target.Row + target.Rows.Count - 1 >= FAR_BELOW Then Exit Function   ' whole columns: widths, insertions
    For Each area In target.Areas
        If area.Columns.Count > MOST_COLUMNS Then Exit Function
        For i = 1 To area.Columns.Count
            If HasGuard(sheet.Cells(FAR_BELOW, area.Column + i - 1)) Then IsOnlyRead = True
        Next i
    Next area
End Function

Private Function HasGuard(ByVal cell As Range) As Boolean
    ' By its type (a formula) and title, for Excel tells the formula itself in its own language. A cell without a
    ' validation has no type, and asking for it is an error.
    On Error Resume Next
    HasGuard = cell.Validation.Type = 7 And cell.Validation.ErrorTitle = "Passerelle"
End Function
