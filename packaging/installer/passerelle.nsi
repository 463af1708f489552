; The installer for Windows: one for every accounting system, or, with LEDGER, for the one that it names.
; installers.py gives: VERSION, PAYLOAD (the built product), OUTFILE, SYSTEMS (the file of the systems that it knows),
; and, where there is one, LEDGER with its LABEL, and SIGN, the program that signs a file in its place.
;
; Silent: setup.exe /S [/LANG=fr|en] [/LEDGER=name] [/RELEASES="address"] [/CurrentUser|/AllUsers] [/D=C:\a folder]
; The folder comes last and without quotes. RELEASES is where to ask whether a newer release exists; without it nobody asks.
; Status: 0 installed, 1 cancelled, 2 cannot be installed, 5 the product is at work and nothing was changed.

Target amd64-unicode
SetCompressor /SOLID lzma
ManifestDPIAware true

!define KEY "Software\Passerelle"
!define REMOVAL "Software\Microsoft\Windows\CurrentVersion\Uninstall\Passerelle"

!define MULTIUSER_MUI
!define MULTIUSER_EXECUTIONLEVEL Highest
!define MULTIUSER_INSTALLMODE_COMMANDLINE
!define MULTIUSER_INSTALLMODE_DEFAULT_CURRENTUSER
!define MULTIUSER_INSTALLMODE_INSTDIR "Passerelle"
!define MULTIUSER_INSTALLMODE_INSTDIR_REGISTRY_KEY "${KEY}"
!define MULTIUSER_INSTALLMODE_INSTDIR_REGISTRY_VALUENAME "Folder"
!define MULTIUSER_INSTALLMODE_DEFAULT_REGISTRY_KEY "${KEY}"
!define MULTIUSER_INSTALLMODE_DEFAULT_REGISTRY_VALUENAME "Folder"
!define MULTIUSER_USE_PROGRAMFILES64
!include MultiUser.nsh
!include MUI2.nsh
!include nsDialogs.nsh
!include FileFunc.nsh
!include LogicLib.nsh
!include x64.nsh
!include WinVer.nsh
!include "${SYSTEMS}"

!ifdef LABEL
  Name "Passerelle – ${LABEL}"
!else
  Name "Passerelle"
!endif
OutFile "${OUTFILE}"
BrandingText "Passerelle ${VERSION}"
VIProductVersion "${VERSION}.0"
VIAddVersionKey "ProductName" "Passerelle"
VIAddVersionKey "CompanyName" "Passerelle"
VIAddVersionKey "FileDescription" "Passerelle ${VERSION}"
VIAddVersionKey "FileVersion" "${VERSION}"
VIAddVersionKey "ProductVersion" "${VERSION}"
VIAddVersionKey "LegalCopyright" "MIT"
!ifdef SIGN
  !finalize '"${SIGN}" "%1"'
  !uninstfinalize '"${SIGN}" "%1"'
!endif

Var Given    ; the folder of /D, or nothing
Var Ledger   ; the accounting system that new companies book in where none is named
Var List     ; the control that shows them

!define MUI_ABORTWARNING
!define MUI_FINISHPAGE_NOAUTOCLOSE
!define MUI_FINISHPAGE_RUN
!define MUI_FINISHPAGE_RUN_TEXT "$(OpenTemplate)"
!define MUI_FINISHPAGE_RUN_FUNCTION OpenTemplate

!insertmacro MUI_PAGE_WELCOME
!insertmacro MULTIUSER_PAGE_INSTALLMODE
Page custom AskForLedger TakeLedger
!insertmacro MUI_PAGE_DIRECTORY
!insertmacro MUI_PAGE_INSTFILES
!insertmacro MUI_PAGE_FINISH
!insertmacro MUI_UNPAGE_CONFIRM
!insertmacro MUI_UNPAGE_INSTFILES
!insertmacro MUI_LANGUAGE "English"
!insertmacro MUI_LANGUAGE "French"
!insertmacro MUI_RESERVEFILE_LANGDLL
!include texts.nsh

; What is asked ---------------------------------------------------------------------------------------------------

Function .onInit
  ${IfNot} ${RunningX64}
  ${OrIfNot} ${AtLeastWin10}
    MessageBox MB_OK|MB_ICONSTOP "$(Windows10)" /SD IDOK
    SetErrorLevel 2
    Abort
  ${EndIf}
  SetRegView 64
  StrCpy $Given $INSTDIR
  !insertmacro MULTIUSER_INIT
  ${If} $Given != ""
    StrCpy $INSTDIR $Given
  ${EndIf}
  Call ChooseLanguage
  Call ChooseLedger
FunctionEnd

Function ChooseLanguage
  ; The command line's, then the one of the copy that is brought up to date, then the person's answer.
  ${GetParameters} $R0
  ClearErrors
  ${GetOptions} $R0 "/LANG=" $R1
  ${If} ${Errors}
    ReadINIStr $R1 "$INSTDIR\installed.ini" "passerelle" "language"
  ${EndIf}
  ${Select} $R1
    ${Case2} "fr" "${LANG_FRENCH}"
      StrCpy $LANGUAGE ${LANG_FRENCH}
    ${Case2} "en" "${LANG_ENGLISH}"
      StrCpy $LANGUAGE ${LANG_ENGLISH}
    ${Default}
      ${IfNot} ${Silent}
        !insertmacro MUI_LANGDLL_DISPLAY
      ${EndIf}
  ${EndSelect}
FunctionEnd

Function ChooseLedger
  ; The command line's, then the one that this installer is for, then that of the copy that is brought up to date.
  ${GetParameters} $R0
  ClearErrors
  ${GetOptions} $R0 "/LEDGER=" $Ledger
  ${IfNot} ${Errors}
    Return
  ${EndIf}
  !ifdef LEDGER
    StrCpy $Ledger "${LEDGER}"
  !else
    ReadINIStr $Ledger "$INSTDIR\installed.ini" "passerelle" "ledger"
    ${If} $Ledger == ""
      StrCpy $Ledger "${FIRST_SYSTEM}"
    ${EndIf}
  !endif
FunctionEnd

!macro OFFER NAME SHOWN
  ${NSD_CB_AddString} $List "${SHOWN}"
  ${If} $Ledger == "${NAME}"
    ${NSD_CB_SelectString} $List "${SHOWN}"
  ${EndIf}
!macroend

!macro TAKE NAME SHOWN
  ${If} $R1 == "${SHOWN}"
    StrCpy $Ledger "${NAME}"
  ${EndIf}
!macroend

Function AskForLedger
  !ifdef LEDGER
    Abort   ; this installer is for one
  !endif
  !insertmacro MUI_HEADER_TEXT "$(LedgerTitle)" "$(LedgerSubtitle)"
  nsDialogs::Create 1018
  Pop $R0
  ${NSD_CreateLabel} 0 0 100% 30u "$(LedgerQuestion)"
  Pop $R0
  ${NSD_CreateDropList} 0 34u 60% 80u ""
  Pop $List
  !insertmacro EACH_SYSTEM OFFER
  nsDialogs::Show
FunctionEnd

Function TakeLedger
  ${NSD_GetText} $List $R1
  !insertmacro EACH_SYSTEM TAKE
FunctionEnd

; What is installed -----------------------------------------------------------------------------------------------

!macro CLOSED UN
Function ${UN}EnsureClosed
  ; A program that runs cannot be deleted: then nothing has been changed yet.
  again:
  ClearErrors
  Delete "$INSTDIR\passerelle-ribbon.exe"
  Delete "$INSTDIR\passerelle-scheduled.exe"
  Delete "$INSTDIR\passerelle.exe"
  ${If} ${Errors}
    MessageBox MB_RETRYCANCEL|MB_ICONEXCLAMATION "$(AtWork)" /SD IDCANCEL IDRETRY again
    SetErrorLevel 5
    Quit
  ${EndIf}
FunctionEnd
!macroend
!insertmacro CLOSED ""
!insertmacro CLOSED "un."

!macro PROGRAMS ROOT
  WriteRegStr ${ROOT} "${KEY}" "Ribbon" "$INSTDIR\passerelle-ribbon.exe"
!macroend

!macro REGISTER ROOT
  !insertmacro PROGRAMS ${ROOT}
  WriteRegStr ${ROOT} "${KEY}" "Folder" "$INSTDIR"
  WriteRegStr ${ROOT} "${KEY}" "Version" "${VERSION}"
  WriteRegStr ${ROOT} "${REMOVAL}" "DisplayName" "Passerelle"
  WriteRegStr ${ROOT} "${REMOVAL}" "DisplayVersion" "${VERSION}"
  WriteRegStr ${ROOT} "${REMOVAL}" "DisplayIcon" "$INSTDIR\passerelle.exe"
  WriteRegStr ${ROOT} "${REMOVAL}" "Publisher" "Passerelle"
  WriteRegStr ${ROOT} "${REMOVAL}" "InstallLocation" "$INSTDIR"
  WriteRegStr ${ROOT} "${REMOVAL}" "UninstallString" '"$INSTDIR\uninstall.exe" /$MultiUser.InstallMode'
  WriteRegStr ${ROOT} "${REMOVAL}" "QuietUninstallString" '"$INSTDIR\uninstall.exe" /$MultiUser.InstallMode /S'
  WriteRegDWORD ${ROOT} "${REMOVAL}" "NoModify" 1
  ${GetSize} "$INSTDIR" "/S=0K" $R0 $R1 $R2
  IntFmt $R0 "0x%08X" $R0
  WriteRegDWORD ${ROOT} "${REMOVAL}" "EstimatedSize" "$R0"
!macroend

!macro REMOVE_PROGRAM
  ; What we installed and nothing else: a person may have put a file beside it.
  RMDir /r "$INSTDIR\_internal"
  RMDir /r "$INSTDIR\licences"
  RMDir /r "$INSTDIR\templates"
!macroend

Section
  Call EnsureClosed
  !insertmacro REMOVE_PROGRAM
  SetOutPath "$INSTDIR"
  File /r /x installed.ini "${PAYLOAD}/*"
  WriteINIStr "$INSTDIR\installed.ini" "passerelle" "ledger" "$Ledger"
  ${If} $LANGUAGE == ${LANG_FRENCH}
    WriteINIStr "$INSTDIR\installed.ini" "passerelle" "language" "fr"
    CreateDirectory "$SMPROGRAMS\Passerelle"
    CreateShortCut "$SMPROGRAMS\Passerelle\Nouveau classeur.lnk" "$INSTDIR\templates\Passerelle (fr).xlsm"
  ${Else}
    WriteINIStr "$INSTDIR\installed.ini" "passerelle" "language" "en"
    CreateDirectory "$SMPROGRAMS\Passerelle"
    CreateShortCut "$SMPROGRAMS\Passerelle\New workbook.lnk" "$INSTDIR\templates\Passerelle (en).xlsm"
  ${EndIf}
  ${GetParameters} $R0
  ClearErrors
  ${GetOptions} $R0 "/RELEASES=" $R1
  ${IfNot} ${Errors}
    WriteINIStr "$INSTDIR\installed.ini" "passerelle" "releases" "$R1"
  ${EndIf}
  FlushINI "$INSTDIR\installed.ini"
  CreateShortCut "$SMPROGRAMS\Passerelle\Passerelle.lnk" "$SYSDIR\cmd.exe" '/k "cd /d "%USERPROFILE%" & set "PATH=$INSTDIR;%PATH%" & passerelle --help"' "$INSTDIR\passerelle.exe"
  WriteUninstaller "$INSTDIR\uninstall.exe"
  ${If} $MultiUser.InstallMode == "AllUsers"
    !insertmacro REGISTER HKLM
    SetRegView 32   ; where an Excel of 32 bits looks
    !insertmacro PROGRAMS HKLM
    SetRegView 64
  ${Else}
    !insertmacro REGISTER HKCU
  ${EndIf}
SectionEnd

Function OpenTemplate
  ${If} $LANGUAGE == ${LANG_FRENCH}
    ExecShell "open" "$SMPROGRAMS\Passerelle\Nouveau classeur.lnk"
  ${Else}
    ExecShell "open" "$SMPROGRAMS\Passerelle\New workbook.lnk"
  ${EndIf}
FunctionEnd

; What is removed: never a company, a journal or a workbook ----------------------------------------------------------

!macro FORGET ROOT
  DeleteRegKey ${ROOT} "${REMOVAL}"
  DeleteRegKey ${ROOT} "${KEY}"
!macroend

Function un.onInit
  SetRegView 64
  !insertmacro MULTIUSER_UNINIT
  ReadINIStr $R1 "$INSTDIR\installed.ini" "passerelle" "language"
  ${If} $R1 == "fr"
    StrCpy $LANGUAGE ${LANG_FRENCH}
  ${Else}
    StrCpy $LANGUAGE ${LANG_ENGLISH}
  ${EndIf}
FunctionEnd

Section "Uninstall"
  Call un.EnsureClosed
  !insertmacro REMOVE_PROGRAM
  Delete "$INSTDIR\installed.ini"
  Delete "$INSTDIR\uninstall.exe"
  RMDir "$INSTDIR"
  Delete "$SMPROGRAMS\Passerelle\Nouveau classeur.lnk"
  Delete "$SMPROGRAMS\Passerelle\New workbook.lnk"
  Delete "$SMPROGRAMS\Passerelle\Passerelle.lnk"
  RMDir "$SMPROGRAMS\Passerelle"
  ${If} $MultiUser.InstallMode == "AllUsers"
    !insertmacro FORGET HKLM
    SetRegView 32
    DeleteRegKey HKLM "${KEY}"
    SetRegView 64
  ${Else}
    !insertmacro FORGET HKCU
  ${EndIf}
  DetailPrint "$(Kept)"
SectionEnd
