# katip_embed_migrations(TARGET): every migrations/*.sql becomes part of the program, so that it can
# make and upgrade its database without any file beside it. store/schema.h uses them.
function(katip_embed_migrations TARGET)
  file(GLOB files CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/migrations/*.sql)
  list(JOIN files "|" joined)
  set(output ${CMAKE_CURRENT_BINARY_DIR}/embedded_migrations.cc)
  add_custom_command(
    OUTPUT ${output}
    COMMAND ${CMAKE_COMMAND} -DFILES=${joined} -DOUTPUT=${output}
            -P ${CMAKE_SOURCE_DIR}/cmake/embed_migrations_script.cmake
    DEPENDS ${files} ${CMAKE_SOURCE_DIR}/cmake/embed_migrations_script.cmake
    VERBATIM)
  target_sources(${TARGET} PRIVATE ${output})
  # A literal longer than the standard asks every compiler to take.
  set_source_files_properties(${output} PROPERTIES COMPILE_OPTIONS -Wno-overlength-strings)
endfunction()
