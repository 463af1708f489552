Attribute VB_Name = "PasserelleMarking"
Option Explicit
' Marking: gives visible rows of a review sheet a status, in one step that UndoMark takes back.
' The functions answer what is to be said and show nothing; which status is allowed is Python's to judge.
' Hidden rows are asked for one by one: SpecialCells answers differently for one cell and on protected sheets.

Private Const REVIEW_TABLES As String = "tblAccounts,tblInvoices,tblPayments,tblEntries"
Private Const STATUS_CODES As String = "stand_by,to_transfer,completed,error,do_not_sync,in_review"

Public Function MarkSelection(ByVal code As String) As String
    Dim table As String
    table = ReviewTable()
    If table = "" Or TypeName(Selection) <> "Range" Then
        MarkSelection = TextOf("message.not_a_review_sheet")
        Exit Function
    End If
    If LacksColumn(table, "key,status") Then
        MarkSelection = TextOf("message.column_missing")
        Exit Function
    End If
    Dim last As Long
    last = LastRow(Head(table, "key"))
    Dim chosen() As Boolean
    ReDim chosen(1 To last)
    Dim area As Object, i As Long, bottom As Long
    For Each area In Selection.Areas
        bottom = area.Row + area.Rows.Count - 1
        If bottom > last Then bottom = last
        For i = area.Row To bottom
            chosen(i) = True
        Next i
    Next area
    MarkSelection = Mark(table, chosen, code)
End Function

Public Function NoGoBefore(ByVal isoDay As String) As String
    Dim table As String
    table = ReviewTable()
    If table = "" Then
        NoGoBefore = TextOf("message.not_a_review_sheet")
        Exit Function
    ElseIf table = "tblAccounts" Then
        NoGoBefore = TextOf("message.no_dates_here")
        Exit Function
    ElseIf LacksColumn(table, "key,status,date") Then
        NoGoBefore = TextOf("message.column_missing")
        Exit Function
    ElseIf DayOf(isoDay) = 0 Then
        NoGoBefore = TextOf("message.not_a_date")
        Exit Function
    End If
    Dim last As Long
    last = LastRow(Head(table, "key"))
    Dim chosen() As Boolean
    ReDim chosen(1 To last)
    Dim top As Range, dates As Variant, day As Double, i As Long
    Set top = Head(table, "date")
    day = DayOf(isoDay)
    dates = ColumnOf(top, last)
    For i = 2 To UBound(dates, 1)
        Select Case VarType(dates(i, 1))   ' a date that was typed as text is left to Check
            Case vbDate, vbDouble: chosen(top.Row + i - 1) = CDbl(dates(i, 1)) < day
        End Select
    Next i
    NoGoBefore = Mark(table, chosen, "do_not_sync")
End Function

Public Function UndoMark() As String
    Dim memory As Range
    Set memory = Head("marks", "key")
    Dim table As String
    table = Plain(memory.Value)
    If table = "" Then
        UndoMark = TextOf("message.nothing_to_undo")
        Exit Function
    End If
    If LacksColumn(table, "key,status") Then
        UndoMark = TextOf("message.column_missing")
        Exit Function
    End If
    Dim count As Long
    count = CLng(Plain(memory.Offset(0, 2).Value))
    UndoMark = Replace(TextOf("message.undone"), "{n}", CStr(TakeBack(table, memory, count)))
    memory.Worksheet.Cells.ClearContents
End Function

' The sheets ----------------------------------------------------------------------------------------------------

Private Function ReviewTable() As String
    Dim table As Variant, column As Variant, top As Range
    For Each table In Split(REVIEW_TABLES, ",")
        For Each column In Split("key,status", ",")
            Set top = Head(CStr(table), CStr(column))
            If Not top Is Nothing Then
                If top.Worksheet.Name = ActiveSheet.Name Then ReviewTable = CStr(table)
            End If
        Next column
    Next table
End Function

Private Function LacksColumn(ByVal table As String, ByVal columns As String) As Boolean
    Dim column As Variant
    For Each column In Split(columns, ",")
        If Head(table, CStr(column)) Is Nothing Then LacksColumn = True
    Next column
End Function

Private Function ColumnOf(ByVal top As Range, ByVal last As Long) As Variant
    ColumnOf = top.Resize(last - top.Row + 1, 1).Value
End Function

Private Sub WriteRuns(ByVal top As Range, ByRef values As Variant, ByRef touched() As Boolean)
    ' Only what was touched is written, a whole run of rows at a time.
    Dim above As Long, i As Long, j As Long, first As Long, run As Variant
    above = top.Row - 1
    i = 2
    Do While i <= UBound(values, 1)
        If touched(above + i) Then
            first = i
            Do While i < UBound(values, 1)
                If Not touched(above + i + 1) Then Exit Do
                i = i + 1
            Loop
            ReDim run(1 To i - first + 1, 1 To 1)
            For j = first To i
                run(j - first + 1, 1) = values(j, 1)
            Next j
            top.Offset(first - 1, 0).Resize(i - first + 1, 1).Value = run
        End If
        i = i + 1
    Loop
End Sub

Private Function DayOf(ByVal isoDay As String) As Double
    ' Zero for what is no date; the same in every regional setting, unlike CDate.
    Dim day As Date
    If Not (isoDay Like "####-##-##") Then Exit Function
    day = DateSerial(CInt(Left(isoDay, 4)), CInt(Mid(isoDay, 6, 2)), CInt(Right(isoDay, 2)))
    If Format(day, "yyyy-mm-dd") = isoDay Then DayOf = CDbl(day)
End Function

' Marking and taking back ---------------------------------------------------------------------------------------

Private Function Mark(ByVal table As String, ByRef chosen() As Boolean, ByVal code As String) As String
    Dim top As Range, keys As Variant, statuses As Variant, before As Variant
    Set top = Head(table, "status")
    keys = ColumnOf(Head(table, "key"), UBound(chosen))
    statuses = ColumnOf(top, UBound(chosen))
    ReDim before(1 To UBound(chosen), 1 To 1)
    Dim sheet As Worksheet, caption As String, key As String, i As Long, place As Long, count As Long
    Set sheet = top.Worksheet
    caption = TextOf("status." & code)
    place = top.Row
    For i = 1 To place
        chosen(i) = False
    Next i
    For i = 2 To UBound(keys, 1)
        place = place + 1
        If chosen(place) Then
            key = Plain(keys(i, 1))
            If key = "" Then
                chosen(place) = False
            ElseIf sheet.Rows(place).Hidden Then
                chosen(place) = False
            Else
                count = count + 1
                before(count, 1) = i & vbTab & Plain(statuses(i, 1)) & vbTab & key
                statuses(i, 1) = caption
            End If
        End If
    Next i
    If count = 0 Then
        Mark = TextOf("message.no_rows")
        Exit Function
    End If
    Remember table, code, before, count
    WriteRuns top, statuses, chosen
    Mark = Replace(Replace(TextOf("message.marked"), "{n}", CStr(count)), "{status}", caption)
End Function

Private Sub Remember(ByVal table As String, ByVal code As String, ByRef before As Variant, ByVal count As Long)
    Dim memory As Range
    Set memory = Head("marks", "key")
    memory.Worksheet.Cells.ClearContents
    memory.Value = table
    memory.Offset(0, 1).Value = code
    memory.Offset(0, 2).Value = count
    memory.Offset(1, 0).Resize(count, 1).Value = before
End Sub

Private Function TakeBack(ByVal table As String, ByVal memory As Range, ByVal count As Long) As Long
    ' A row that was sorted away is found by its key; one whose status has changed since the mark is left alone.
    Dim top As Range, keys As Variant, statuses As Variant, before As Variant, last As Long
    Set top = Head(table, "status")
    last = LastRow(Head(table, "key"))
    keys = ColumnOf(Head(table, "key"), last)
    statuses = ColumnOf(top, last)
    before = memory.Resize(count + 1, 1).Value
    Dim english As String, french As String, captions As Variant, places As Collection
    Dim touched() As Boolean, i As Long, place As Long
    english = EnglishOf("status." & Plain(memory.Offset(0, 1).Value))
    french = FrenchOf("status." & Plain(memory.Offset(0, 1).Value))
    captions = StatusCaptions()
    ReDim touched(1 To last)
    Dim header As Long, entry As Variant, key As String, current As String
    header = top.Row
    For i = 2 To count + 1
        entry = Split(before(i, 1), vbTab, 3)
        place = CLng(entry(0))
        key = entry(2)
        If Not Holds(keys, place, key) Then
            If places Is Nothing Then Set places = PlacesByKey(keys)
            place = PlaceIn(places, key)
        End If
        If Holds(keys, place, key) Then
            current = Plain(statuses(place, 1))
            If current = english Or current = french Then
                statuses(place, 1) = InLanguage(captions, entry(1))
                touched(header + place - 1) = True
                TakeBack = TakeBack + 1
            End If
        End If
    Next i
    WriteRuns top, statuses, touched
End Function

Private Function Holds(ByRef keys As Variant, ByVal place As Long, ByVal key As String) As Boolean
    If place >= 2 And place <= UBound(keys, 1) Then Holds = Plain(keys(place, 1)) = key
End Function

Private Function PlacesByKey(ByRef keys As Variant) As Collection
    Dim places As New Collection, i As Long
    On Error Resume Next   ' of rows that share a key the first counts
    For i = 2 To UBound(keys, 1)
        places.Add i, "k" & Plain(keys(i, 1))
    Next i
    Set PlacesByKey = places
End Function

Private Function PlaceIn(ByVal places As Collection, ByVal key As String) As Long
    On Error Resume Next   ' a row that was deleted has no place
    PlaceIn = places("k" & key)
End Function

Private Function StatusCaptions() As Variant
    ' By status: English, French, and what this workbook shows.
    Dim codes As Variant, captions As Variant, i As Long
    codes = Split(STATUS_CODES, ",")
    ReDim captions(0 To UBound(codes), 0 To 2)
    For i = 0 To UBound(codes)
        captions(i, 0) = EnglishOf("status." & codes(i))
        captions(i, 1) = FrenchOf("status." & codes(i))
        captions(i, 2) = TextOf("status." & codes(i))
    Next i
    StatusCaptions = captions
End Function

Private Function InLanguage(ByRef captions As Variant, ByVal shown As String) As String
    Dim i As Long
    InLanguage = shown
    For i = 0 To UBound(captions, 1)
        If shown = captions(i, 0) Or shown = captions(i, 1) Then
            InLanguage = captions(i, 2)
            Exit Function
        End If
    Next i
End Function
