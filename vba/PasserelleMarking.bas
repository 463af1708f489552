Attribute VB_Name = "PasserelleMarking"
Option Explicit
' Marking: gives visible rows of a review sheet a status, in one step that UndoMark takes back.
' The functions answer what is to be said and show nothing; which status is allowed is Python's to judge.
' Hidden rows are asked for one by one where there are any: SpecialCells answers differently for one cell and on
' protected sheets.

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

Private Function FormulasOf(ByVal top As Range, ByVal last As Long) As Variant
    ' What stands in cells, as it can be written back: a text as itself, a formula as a formula.
    FormulasOf = top.Resize(last - top.Row + 1, 1).Formula
End Function

Private Function TextsOf(ByVal top As Range, ByVal last As Long) As Variant
    ' Most cells hold a text: a call for each of 20,000 of them would take longer than all the rest of a mark.
    Dim texts As Variant, i As Long
    texts = ColumnOf(top, last)
    For i = 1 To UBound(texts, 1)
        If VarType(texts(i, 1)) <> vbString Then texts(i, 1) = Plain(texts(i, 1))
    Next i
    TextsOf = texts
End Function

Private Function HasUnseen(ByVal top As Range, ByVal last As Long) As Boolean
    ' Whether a record is hidden or filtered out: SUBTOTAL 103 counts what is neither, in one question for all rows.
    Dim rows As String
    rows = "'" & Replace(top.Worksheet.Name, "'", "''") & "'!" & top.Resize(last - top.Row + 1, 1).Address
    With Head("marks", "key").Offset(0, 4)
        .Formula = "=SUBTOTAL(103," & rows & ")<COUNTA(" & rows & ")"
        HasUnseen = .Value
        .ClearContents
    End With
End Function

Private Sub WriteRuns(ByVal top As Range, ByRef formulas As Variant, ByRef touched() As Boolean)
    ' Only what was touched is written, a whole run of rows at a time.
    Dim above As Long, bottom As Long, first As Long, last As Long, i As Long, run As Variant
    Dim calculating As Long, drawing As Boolean, answering As Boolean, number As Long, detail As String
    calculating = Application.Calculation
    drawing = Application.ScreenUpdating
    answering = Application.EnableEvents
    On Error GoTo restore
    Application.ScreenUpdating = False
    Application.EnableEvents = False
    Application.Calculation = xlCalculationManual
    above = top.Row - 1
    bottom = UBound(formulas, 1)
    Dim captions As String
    captions = PassedOver()
    first = 2
    Do While first <= bottom
        If touched(above + first) Then
            last = EndOfRun(top, formulas, touched, first, captions)
            ReDim run(1 To last - first + 1, 1 To 1)
            For i = first To last
                run(i - first + 1, 1) = formulas(i, 1)
            Next i
            top.Offset(first - 1, 0).Resize(last - first + 1, 1).Formula = run
            first = last
        End If
        first = first + 1
    Loop
restore:
    number = Err.Number
    detail = Err.Description
    Application.Calculation = calculating
    Application.EnableEvents = answering
    Application.ScreenUpdating = drawing
    If number <> 0 Then Err.Raise number, "Passerelle", detail
End Sub

Private Function EndOfRun(ByVal top As Range, ByRef formulas As Variant, ByRef touched() As Boolean, _
                          ByVal first As Long, ByVal captions As String) As Long
    ' Of a range with visible rows Excel writes, while a filter is on, the visible ones alone, each stretch of them
    ' from the first value on: there a run is wholly visible or wholly hidden.
    Dim above As Long, i As Long, hidden As Boolean
    above = top.Row - 1
    EndOfRun = first
    If captions = "" Then hidden = top.Worksheet.Rows(above + first).Hidden
    For i = first + 1 To UBound(formulas, 1)
        If touched(above + i) Then
            If captions = "" Then
                If top.Worksheet.Rows(above + i).Hidden <> hidden Then Exit Function
            End If
            EndOfRun = i
        ElseIf InStr(captions, vbLf & formulas(i, 1) & vbLf) = 0 Then
            Exit Function
        End If
    Next i
End Function

Private Function PassedOver() As String
    ' The statuses, each between line ends, that a run passes over by writing them once more as they are; none in
    ' Excel. LibreOffice, which calls itself 11, writes hidden rows like any other, and is slow to begin a run.
    Dim captions As Variant, i As Long
    If Val(Application.Version) >= 12 Then Exit Function
    captions = StatusCaptions()
    PassedOver = vbLf & vbLf
    For i = 0 To UBound(captions, 1)
        PassedOver = PassedOver & captions(i, 0) & vbLf & captions(i, 1) & vbLf
    Next i
End Function

Private Function DayOf(ByVal isoDay As String) As Double
    ' Zero for what is no date; the same in every regional setting, unlike CDate.
    Dim day As Date
    If Not (isoDay Like "####-##-##") Then Exit Function
    day = DateSerial(CInt(Left(isoDay, 4)), CInt(Mid(isoDay, 6, 2)), CInt(Right(isoDay, 2)))
    If Format(day, "yyyy-mm-dd") = isoDay Then DayOf = CDbl(day)
End Function

' Marking and taking back ---------------------------------------------------------------------------------------

Private Function Mark(ByVal table As String, ByRef chosen() As Boolean, ByVal code As String) As String
    Dim top As Range, keys As Variant, formulas As Variant, before As Variant
    Set top = Head(table, "status")
    keys = TextsOf(Head(table, "key"), UBound(chosen))
    formulas = FormulasOf(top, UBound(chosen))
    ReDim before(1 To UBound(chosen), 1 To 1)
    Dim sheet As Worksheet, caption As String, i As Long, place As Long, count As Long, unseen As Boolean
    Set sheet = top.Worksheet
    unseen = HasUnseen(Head(table, "key"), UBound(chosen))
    caption = TextOf("status." & code)
    place = top.Row
    For i = 1 To place
        chosen(i) = False
    Next i
    For i = 2 To UBound(keys, 1)
        place = place + 1
        If chosen(place) Then
            If keys(i, 1) = "" Then
                chosen(place) = False
            ElseIf unseen Then
                chosen(place) = Not sheet.Rows(place).Hidden
            End If
            If chosen(place) Then
                count = count + 1
                before(count, 1) = i & vbTab & formulas(i, 1) & vbTab & keys(i, 1)
                formulas(i, 1) = caption
            End If
        End If
    Next i
    If count = 0 Then
        Mark = TextOf("message.no_rows")
        Exit Function
    End If
    Remember table, code, before, count
    WriteRuns top, formulas, chosen
    Mark = Replace(Replace(TextOf("message.marked"), "{n}", CStr(count)), "{status}", caption)
End Function

Private Sub Remember(ByVal table As String, ByVal code As String, ByRef before As Variant, ByVal count As Long)
    Dim memory As Range
    Set memory = Head("marks", "key")
    memory.Worksheet.Cells.ClearContents
    memory.Value = table
    memory.Offset(0, 1).Value = code
    memory.Offset(0, 2).Value = count
    memory.Offset(0, 3).Value = Identity("language")
    memory.Offset(1, 0).Resize(count, 1).Value = before
End Sub

Private Function TakeBack(ByVal table As String, ByVal memory As Range, ByVal count As Long) As Long
    ' A row that was sorted away is found by its key; one whose status has changed since the mark is left alone.
    Dim top As Range, keys As Variant, formulas As Variant, before As Variant, last As Long
    Set top = Head(table, "status")
    last = LastRow(Head(table, "key"))
    keys = TextsOf(Head(table, "key"), last)
    formulas = FormulasOf(top, last)
    before = memory.Resize(count + 1, 1).Value
    Dim english As String, french As String, captions As Variant, switched As Boolean
    english = EnglishOf("status." & Plain(memory.Offset(0, 1).Value))
    french = FrenchOf("status." & Plain(memory.Offset(0, 1).Value))
    captions = StatusCaptions()
    switched = Plain(memory.Offset(0, 3).Value) <> Identity("language")
    Dim touched() As Boolean, places As Collection, above As Long, bottom As Long
    ReDim touched(1 To last)
    above = top.Row - 1
    bottom = UBound(keys, 1)
    Dim i As Long, place As Long, entry As Variant, found As Boolean
    For i = 2 To count + 1
        entry = Split(before(i, 1), vbTab, 3)
        place = CLng(entry(0))
        found = False
        If place <= bottom Then found = keys(place, 1) = entry(2)
        If Not found Then
            If places Is Nothing Then Set places = PlacesByKey(keys)
            place = PlaceIn(places, entry(2))
            If place > 0 Then found = keys(place, 1) = entry(2)
        End If
        If found Then
            If formulas(place, 1) = english Or formulas(place, 1) = french Then
                If switched Then entry(1) = InLanguage(captions, entry(1))
                formulas(place, 1) = entry(1)
                touched(above + place) = True
                TakeBack = TakeBack + 1
            End If
        End If
    Next i
    WriteRuns top, formulas, touched
End Function

Private Function PlacesByKey(ByRef keys As Variant) As Collection
    Dim places As New Collection, i As Long
    On Error Resume Next   ' of rows that share a key the first counts
    For i = 2 To UBound(keys, 1)
        places.Add i, "k" & keys(i, 1)
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
