# katip_embed_sql(TARGET): the statements of sqlite/*.sql and postgres/*.sql become part of the
# program, so that SQL is written, read and highlighted as SQL. store/queries.h gives them by name.
function(katip_embed_sql TARGET)
  foreach(dialect sqlite postgres)
    file(GLOB files CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${dialect}/*.sql)
    list(JOIN files "|" joined)
    set(output ${CMAKE_CURRENT_BINARY_DIR}/queries_${dialect}.cc)
    add_custom_command(
      OUTPUT ${output}
      COMMAND ${CMAKE_COMMAND} -DFILES=${joined} -DDIALECT=${dialect} -DOUTPUT=${output}
              -P ${CMAKE_SOURCE_DIR}/cmake/embed_sql_script.cmake
      DEPENDS ${files} ${CMAKE_SOURCE_DIR}/cmake/embed_sql_script.cmake
      VERBATIM)
    target_sources(${TARGET} PRIVATE ${output})
  endforeach()
endfunction()
