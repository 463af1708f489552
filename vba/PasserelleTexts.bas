Attribute VB_Name = "PasserelleTexts"
Option Explicit
' What the hidden sheet knows: who this workbook is, and every text in both languages.
' Cells are found by defined names that point at header cells, because those follow what people move,
' and because Excel, LibreOffice and test interpreters all know names, and not all of them know ListObjects.

Public Function Head(ByVal table As String, ByVal column As String) As Range
    On Error Resume Next   ' Nothing answers for a column that was deleted
    Set Head = ThisWorkbook.Names("head_" & table & "_" & column).RefersToRange
End Function

Public Function LastRow(ByVal top As Range) As Long
    ' Never the header's own row: a range of one cell would answer a value where code expects an array.
    With top.Worksheet.UsedRange
        LastRow = .Row + .Rows.Count - 1
    End With
    If LastRow <= top.Row Then LastRow = top.Row + 1
End Function

Public Function Plain(ByVal cellValue As Variant) As String
    If IsError(cellValue) Then
        Plain = ""
    Else
        Plain = Trim(CStr(cellValue))
    End If
End Function

Public Function Identity(ByVal key As String) As String
    Identity = Entry(Head("tblIdentity", "key"), key, 1)
End Function

Public Sub SetIdentity(ByVal key As String, ByVal newValue As String)
    Dim top As Range
    Set top = Head("tblIdentity", "key")
    Dim place As Long
    place = PlaceOf(top, key)
    If place > 0 Then top.Offset(place, 1).Value = newValue
End Sub

Public Function TextOf(ByVal key As String) As String
    If Identity("language") = "fr" Then
        TextOf = Entry(Head("tblTexts", "key"), key, 2)
    Else
        TextOf = Entry(Head("tblTexts", "key"), key, 1)
    End If
End Function

Public Function EnglishOf(ByVal key As String) As String
    EnglishOf = Entry(Head("tblTexts", "key"), key, 1)
End Function

Public Function FrenchOf(ByVal key As String) As String
    FrenchOf = Entry(Head("tblTexts", "key"), key, 2)
End Function

Private Function Entry(ByVal top As Range, ByVal key As String, ByVal column As Long) As String
    Dim place As Long
    place = PlaceOf(top, key)
    If place > 0 Then Entry = Plain(top.Offset(place, column).Value)
End Function

Private Function PlaceOf(ByVal top As Range, ByVal key As String) As Long
    Dim keys As Variant, i As Long
    keys = top.Resize(LastRow(top) - top.Row + 1, 1).Value
    For i = 2 To UBound(keys, 1)
        If Plain(keys(i, 1)) = key Then
            PlaceOf = i - 1
            Exit Function
        End If
    Next i
End Function
