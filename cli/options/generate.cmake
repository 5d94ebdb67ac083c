# vsdump_generate_documents(<program>): has the built program print its man page and completions,
# and installs them where Debian's man, bash, zsh and fish look for them.
function(vsdump_generate_documents program)
  set(folder ${CMAKE_CURRENT_BINARY_DIR}/documents)
  file(MAKE_DIRECTORY ${folder})

  set(outputs "")
  macro(vsdump_document name)
    add_custom_command(
      OUTPUT ${folder}/${name}
      COMMAND ${program} ${ARGN} > ${folder}/${name}
      DEPENDS ${program}
      COMMENT "Printing ${name}"
      VERBATIM)
    list(APPEND outputs ${folder}/${name})
  endmacro()
  vsdump_document(vsdump.1 --print-man-page=vsdump.1)
  vsdump_document(vsdump-filter.7 --print-man-page=vsdump-filter.7)
  vsdump_document(vsdump.bash --print-completion=bash)
  vsdump_document(vsdump.zsh --print-completion=zsh)
  vsdump_document(vsdump.fish --print-completion=fish)
  add_custom_target(${program}_documents ALL DEPENDS ${outputs})

  install(FILES ${folder}/vsdump.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
  install(FILES ${folder}/vsdump-filter.7 DESTINATION ${CMAKE_INSTALL_MANDIR}/man7)
  install(FILES ${folder}/vsdump.bash DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions RENAME vsdump)
  install(FILES ${folder}/vsdump.zsh DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/vendor-completions RENAME _vsdump)
  install(FILES ${folder}/vsdump.fish DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d)
endfunction()
