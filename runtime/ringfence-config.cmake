# find_package(ringfence): ringfence::runtime, the shared library, and ringfence::runtime_static. They need nothing but the C++ standard library.
include("${CMAKE_CURRENT_LIST_DIR}/ringfence-targets.cmake")
