# find_package(ringfence): ringfence::runtime, the shared library, and ringfence::runtime_static. They need nothing but the C++ standard library.
# With COMPONENTS durable also ringfence::durable (ringfence-durable.cmake), where that is installed.
include("${CMAKE_CURRENT_LIST_DIR}/ringfence-targets.cmake")
foreach(component ${${CMAKE_FIND_PACKAGE_NAME}_FIND_COMPONENTS})
  include("${CMAKE_CURRENT_LIST_DIR}/ringfence-${component}.cmake" OPTIONAL RESULT_VARIABLE found)
  if(found)
    set(${CMAKE_FIND_PACKAGE_NAME}_${component}_FOUND TRUE)
  elseif(${CMAKE_FIND_PACKAGE_NAME}_FIND_REQUIRED_${component})
    set(${CMAKE_FIND_PACKAGE_NAME}_FOUND FALSE)
    set(${CMAKE_FIND_PACKAGE_NAME}_NOT_FOUND_MESSAGE "the component ${component} of ringfence is not installed")
  endif()
endforeach()
