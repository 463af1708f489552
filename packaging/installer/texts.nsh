; What the installer says, in both languages.

!macro SAY NAME ENGLISH FRENCH
  LangString ${NAME} ${LANG_ENGLISH} "${ENGLISH}"
  LangString ${NAME} ${LANG_FRENCH} "${FRENCH}"
!macroend

!insertmacro SAY OpenTemplate "Open a new workbook" "Ouvrir un nouveau classeur"
!insertmacro SAY Windows10 "Passerelle needs a 64-bit Windows 10 or later. Nothing was installed." "Passerelle a besoin de Windows 10, 64 bits, ou d'une version ultérieure. Rien n'a été installé."
!insertmacro SAY AtWork "Passerelle is at work. Close the workbook, wait until a transfer in progress has ended, then press Retry. Nothing has been changed yet." "Passerelle est en cours d'exécution. Fermez le classeur, attendez la fin d'un transfert en cours, puis cliquez sur Réessayer. Rien n'a encore été modifié."
!insertmacro SAY LedgerTitle "Accounting system" "Système comptable"
!insertmacro SAY LedgerSubtitle "Where are your records booked?" "Où vos enregistrements sont-ils inscrits?"
!insertmacro SAY LedgerQuestion "New companies book here unless you choose otherwise. Every system stays available." "Les nouvelles entreprises inscrivent ici, à moins que vous ne choisissiez autrement. Chaque système reste disponible."
!insertmacro SAY Kept "Your companies, journals and workbooks were kept." "Vos entreprises, journaux et classeurs ont été conservés."
