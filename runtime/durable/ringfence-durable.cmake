# find_package(ringfence COMPONENTS durable): ringfence::durable, a static library. It needs ringfence::runtime_static, SQLite and libsodium.
include(CMakeFindDependencyMacro)
find_dependency(PkgConfig)
pkg_check_modules(SQLITE REQUIRED IMPORTED_TARGET sqlite3)
pkg_check_modules(SODIUM REQUIRED IMPORTED_TARGET libsodium)
include("${CMAKE_CURRENT_LIST_DIR}/ringfence-durable-targets.cmake")
