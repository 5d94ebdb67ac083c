// SPDX-License-Identifier: GPL-2.0-or-later
#include "capture/live/vsockmon_device.h"

#include <linux/if.h>
#include <linux/if_arp.h>
#include <netlink/errno.h>
#include <netlink/netlink.h>
#include <netlink/route/link.h>
#include <netlink/socket.h>
#include <sys/stat.h>
#include <sys/utsname.h>

#include <algorithm>
#include <cctype>
#include <fstream>
#include <memory>
#include <utility>

namespace vsdump {

namespace {

constexpr const char* kKind = "vsockmon";

struct NetlinkFree {
  void operator()(nl_sock* socket) const noexcept { nl_socket_free(socket); }
  void operator()(nl_cache* cache) const noexcept { nl_cache_free(cache); }
  void operator()(rtnl_link* link) const noexcept { rtnl_link_put(link); }
};
using Socket = std::unique_ptr<nl_sock, NetlinkFree>;
using Cache = std::unique_ptr<nl_cache, NetlinkFree>;
using Link = std::unique_ptr<rtnl_link, NetlinkFree>;

ErrorKind kindOf(int code) {
  switch (code) {
    case NLE_PERM:
    case NLE_NOACCESS:
      return ErrorKind::Permission;
    case NLE_NODEV:
    case NLE_OBJ_NOTFOUND:
      return ErrorKind::NotFound;
    case NLE_OPNOTSUPP:
      return ErrorKind::Unsupported;
    default:
      return ErrorKind::Io;
  }
}

/// `result` is what a libnl function has returned, a negative NLE_ code.
Error netlinkError(int result, std::string attempted, const std::string& device) {
  const int code = result < 0 ? -result : result;
  Error error{.kind = kindOf(code),
              .attempted = std::move(attempted),
              .subject = device,
              .reason = nl_geterror(code)};
  if (error.kind == ErrorKind::Permission) {
    error.hint = "That needs the capability CAP_NET_ADMIN: run vsdump as root.";
  }
  return error;
}

Result<Socket> openSocket(const char* attempted, const std::string& device) {
  Socket socket(nl_socket_alloc());
  if (!socket) return tl::unexpected(netlinkError(-NLE_NOMEM, attempted, device));
  if (const int result = nl_connect(socket.get(), NETLINK_ROUTE); result < 0) {
    return tl::unexpected(netlinkError(result, attempted, device));
  }
  return socket;
}

std::string modulesFolder() {
  utsname names{};
  uname(&names);
  return std::string("/lib/modules/") + names.release;
}

/// Whether one of depmod's lists of modules names vsockmon.
bool listsVsockmon(const std::string& path) {
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    if (line.substr(0, line.find(':')).find("/vsockmon.ko") != std::string::npos) return true;
  }
  return false;
}

void collect(nl_object* object, void* devices) {
  auto* link = reinterpret_cast<rtnl_link*>(object);
  if (rtnl_link_get_arptype(link) != ARPHRD_VSOCKMON) return;
  const char* alias = rtnl_link_get_ifalias(link);
  static_cast<std::vector<VsockmonDevice>*>(devices)->push_back(
      {.name = rtnl_link_get_name(link),
       .index = rtnl_link_get_ifindex(link),
       .up = (rtnl_link_get_flags(link) & IFF_UP) != 0,
       // The driver counts what passes as received: vsockmon_get_stats64() in the kernel.
       .packets = rtnl_link_get_stat(link, RTNL_LINK_RX_PACKETS),
       .bytes = rtnl_link_get_stat(link, RTNL_LINK_RX_BYTES),
       .alias = alias != nullptr ? alias : "",
       .group = rtnl_link_get_group(link)});
}

}  // namespace

Result<std::vector<VsockmonDevice>> listVsockmonDevices() {
  const char* attempted = "list the vsockmon devices";
  Result<Socket> socket = openSocket(attempted, {});
  if (!socket) return tl::unexpected(std::move(socket.error()));

  nl_cache* rawCache = nullptr;
  if (const int result = rtnl_link_alloc_cache(socket->get(), AF_UNSPEC, &rawCache); result < 0) {
    return tl::unexpected(netlinkError(result, attempted, {}));
  }
  const Cache cache(rawCache);
  std::vector<VsockmonDevice> devices;
  nl_cache_foreach(cache.get(), collect, &devices);
  std::sort(devices.begin(), devices.end(),
            [](const VsockmonDevice& a, const VsockmonDevice& b) { return a.index < b.index; });
  return devices;
}

Result<void> createVsockmonDevice(const std::string& name, const DeviceMark& mark) {
  const char* attempted = "create the vsockmon device";
  Result<Socket> socket = openSocket(attempted, name);
  if (!socket) return tl::unexpected(std::move(socket.error()));

  const Link link(rtnl_link_alloc());
  if (!link) return tl::unexpected(netlinkError(-NLE_NOMEM, attempted, name));
  rtnl_link_set_name(link.get(), name.c_str());
  // A new device takes no alias (rtnl_create_link() in the kernel's net/core/rtnetlink.c): it gets
  // that as it is brought up, so that none is ever up without. A group it does take.
  if (mark.alias.empty()) {
    rtnl_link_set_flags(link.get(), IFF_UP);
  } else {
    rtnl_link_set_group(link.get(), mark.group);
  }
  int result = rtnl_link_set_type(link.get(), kKind);
  if (result == 0) result = rtnl_link_add(socket->get(), link.get(), NLM_F_CREATE | NLM_F_EXCL);
  if (result < 0) {
    Error error = netlinkError(result, attempted, name);
    if (error.kind == ErrorKind::Unsupported) error.hint = missingVsockmonHint(modulesFolder());
    return tl::unexpected(std::move(error));
  }
  if (mark.alias.empty()) return {};
  Result<void> up = bringUp(name, mark.alias);
  if (!up) static_cast<void>(removeVsockmonDevice(name));
  return up;
}

Result<void> bringUp(const std::string& name, const std::string& alias) {
  const char* attempted = "bring up the device";
  Result<Socket> socket = openSocket(attempted, name);
  if (!socket) return tl::unexpected(std::move(socket.error()));

  rtnl_link* rawLink = nullptr;
  int result = rtnl_link_get_kernel(socket->get(), 0, name.c_str(), &rawLink);
  const Link link(rawLink);
  const Link change(rtnl_link_alloc());
  if (!change) result = -NLE_NOMEM;
  if (result == 0) {
    rtnl_link_set_flags(change.get(), IFF_UP);
    if (!alias.empty()) {
      rtnl_link_set_ifalias(change.get(), alias.c_str());
      rtnl_link_set_group(change.get(), 0);
    }
    result = rtnl_link_change(socket->get(), link.get(), change.get(), 0);
  }
  if (result < 0) return tl::unexpected(netlinkError(result, attempted, name));
  return {};
}

Result<void> removeVsockmonDevice(const std::string& name) {
  const char* attempted = "remove the vsockmon device";
  Result<std::vector<VsockmonDevice>> devices = listVsockmonDevices();
  if (!devices) return tl::unexpected(std::move(devices.error()));
  const auto device = std::find_if(devices->begin(), devices->end(),
                                   [&](const VsockmonDevice& each) { return each.name == name; });
  if (device == devices->end()) {
    return tl::unexpected(Error{.kind = ErrorKind::NotFound,
                                .attempted = attempted,
                                .subject = name,
                                .reason = "there is no vsockmon device of that name"});
  }

  Result<Socket> socket = openSocket(attempted, name);
  if (!socket) return tl::unexpected(std::move(socket.error()));
  const Link link(rtnl_link_alloc());
  if (!link) return tl::unexpected(netlinkError(-NLE_NOMEM, attempted, name));
  rtnl_link_set_ifindex(link.get(), device->index);
  if (const int result = rtnl_link_delete(socket->get(), link.get()); result < 0) {
    return tl::unexpected(netlinkError(result, attempted, name));
  }
  return {};
}

bool isValidDeviceName(std::string_view name) {
  return !name.empty() && name.size() < IFNAMSIZ && name != "." && name != ".." &&
         std::none_of(name.begin(), name.end(), [](char c) {
           const auto byte = static_cast<unsigned char>(c);
           return byte == '/' || byte == ':' || byte == 0 || std::isspace(byte) != 0;
         });
}

std::string missingVsockmonHint(const std::string& modulesFolder) {
  struct stat status {};
  if (stat(modulesFolder.c_str(), &status) != 0) {
    return "The running kernel's modules are not in " + modulesFolder +
           ": after a kernel update, restart the machine; in a container, run `modprobe vsockmon` "
           "outside of it.";
  }
  if (listsVsockmon(modulesFolder + "/modules.dep")) {
    return "The kernel has vsockmon as a module that was not loaded: `modprobe vsockmon` says why.";
  }
  return "This kernel has no vsockmon module (CONFIG_VSOCKMON, which needs CONFIG_VHOST_VSOCK, so "
         "kernels made for guests often go without). Debian's linux-image-amd64 has it; or capture "
         "on the host, which sees the traffic of its vhost guests.";
}

}  // namespace vsdump
