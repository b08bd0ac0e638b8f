# `cmake --install` and `make package`: the program finds its libraries and models beside itself,
# wherever the tree is put.
#
#   bin/katip   libexec/katip/   lib/katip/ (OpenVINO, TBB)   share/katip/models/   share/doc/katip/
include(GNUInstallDirs)

foreach(program katip katip-decoder)
  if(TARGET ${program})
    set(folder ${CMAKE_INSTALL_BINDIR})
    set(libraries "$ORIGIN/../lib/katip")
    if(program STREQUAL katip-decoder)
      set(folder ${CMAKE_INSTALL_LIBEXECDIR}/katip)
      set(libraries "$ORIGIN/../../lib/katip")
    endif()
    set_target_properties(${program} PROPERTIES INSTALL_RPATH ${libraries})
    install(TARGETS ${program} RUNTIME DESTINATION ${folder})
  endif()
endforeach()

# What a run needs of the wheel: the runtime, its CPU plugin, the readers of ONNX (the VAD) and of
# its own format (the cache of compiled graphs), and TBB.
set(runtime_folder ${KATIP_DEPS}/openvino/openvino/libs)
file(GLOB runtime_libraries
  ${runtime_folder}/libopenvino.so.* ${runtime_folder}/libopenvino_intel_cpu_plugin.so
  ${runtime_folder}/libopenvino_onnx_frontend.so.* ${runtime_folder}/libopenvino_ir_frontend.so.*
  ${runtime_folder}/libtbb.so.* ${runtime_folder}/libtbbbind_2_5.so.*
  ${runtime_folder}/libtbbmalloc.so.* ${runtime_folder}/libhwloc.so.*)
install(FILES ${runtime_libraries} DESTINATION lib/katip)
install(DIRECTORY ${KATIP_DEPS}/models/base ${KATIP_DEPS}/models/silero-vad
        DESTINATION share/katip/models PATTERN ".version" EXCLUDE)
install(FILES LICENSE README.md CHANGELOG.md DESTINATION share/doc/katip)

set(CPACK_PACKAGE_NAME katip)
set(CPACK_PACKAGE_VERSION ${PROJECT_VERSION})
set(CPACK_GENERATOR TGZ)
include(CPack)
