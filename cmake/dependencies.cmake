# What the libraries and programs link with. Read by the build, and by find_package(vsdump) for programs that link
# the libraries, which are static.
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
find_package(ZLIB REQUIRED)
find_package(fmt REQUIRED)
find_package(tl-expected REQUIRED)
pkg_check_modules(capng REQUIRED IMPORTED_TARGET GLOBAL libcap-ng)
pkg_check_modules(netlink REQUIRED IMPORTED_TARGET GLOBAL libnl-3.0 libnl-route-3.0)
pkg_check_modules(nghttp2 REQUIRED IMPORTED_TARGET GLOBAL libnghttp2)
pkg_check_modules(pcap REQUIRED IMPORTED_TARGET GLOBAL libpcap)
pkg_check_modules(seccomp REQUIRED IMPORTED_TARGET GLOBAL libseccomp)
pkg_check_modules(xxhash REQUIRED IMPORTED_TARGET GLOBAL libxxhash)
pkg_check_modules(zstd REQUIRED IMPORTED_TARGET GLOBAL libzstd)
