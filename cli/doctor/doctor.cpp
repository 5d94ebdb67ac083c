// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/doctor/doctor.h"

#include <cap-ng.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sys/utsname.h>

#include <filesystem>
#include <fstream>

#include "capture/live/direction.h"
#include "capture/live/vsockmon_device.h"
#include "cli/doctor/kernel_modules.h"
#include "cli/doctor/virtual_machines.h"
#include "cli/run/information.h"
#include "dissector/text/escape.h"

namespace vsdump {

namespace {

namespace fs = std::filesystem;
using Status = Check::Status;

std::string kernelRelease() {
  utsname names{};
  uname(&names);
  return names.release;
}

std::string_view stateText(ModuleState state) {
  switch (state) {
    case ModuleState::Loaded:
      return "module, loaded";
    case ModuleState::BuiltIn:
      return "built in";
    case ModuleState::Loadable:
      return "module, not loaded";
    case ModuleState::Missing:
      return "not in this kernel";
    case ModuleState::Unknown:
      return "not loaded, and this kernel's modules are not on the disk";
  }
  return "";
}

bool isThere(ModuleState state) {
  return state == ModuleState::Loaded || state == ModuleState::BuiltIn;
}

/// A part of the kernel, and what it is good for.
Check moduleCheck(const std::string& root, const std::string& release, const std::string& module,
                  std::string_view use) {
  const ModuleState state = moduleState(root, release, module);
  Check check{.name = module,
              .status = isThere(state) ? Status::Ok : Status::Missing,
              .value = fmt::format("{}: {}", stateText(state), use)};
  if (state == ModuleState::Loadable) check.remedy = "sudo modprobe " + module;
  if (state == ModuleState::Missing) {
    check.remedy = "on Debian: sudo apt install linux-image-$(dpkg --print-architecture)";
  }
  if (state == ModuleState::Unknown) {
    check.remedy =
        "after a kernel update: sudo reboot; in a container, outside of it: sudo modprobe " +
        module;
  }
  return check;
}

/// The kernel loads it when a capture begins, so that it need not be loaded now.
Check vsockmonCheck(const std::string& root, const std::string& release) {
  Check check = moduleCheck(root, release, "vsockmon", "shows vsock traffic to captures");
  if (check.remedy.empty()) return check;
  if (moduleState(root, release, "vsockmon") == ModuleState::Loadable) {
    check.status = Status::Ok;
    check.remedy.clear();
    check.value += ", loaded by the first one";
  }
  return check;
}

/// **Source** VIRTIO_ID_VSOCK, linux:include/uapi/linux/virtio_ids.h
bool hasVirtioVsock(const std::string& root) {
  std::error_code error;
  for (fs::directory_iterator each(root + "/sys/bus/virtio/devices", error), end;
       !error && each != end; each.increment(error)) {
    std::string id;
    std::ifstream(each->path() / "device") >> id;
    if (id == "0x0013") return true;
  }
  return false;
}

Check guestCheck(const std::string& root, const std::string& release) {
  if (!hasVirtioVsock(root)) {
    return {.name = "guest side",
            .status = Status::Note,
            .value = "no virtio vsock device: this machine is no guest with one"};
  }
  constexpr const char* kDriver = "vmw_vsock_virtio_transport";
  std::error_code ignored;
  if (fs::exists(root + "/sys/bus/virtio/drivers/" + kDriver, ignored)) {
    return {.name = "guest side",
            .status = Status::Ok,
            .value = "this machine is a guest with a vsock device"};
  }
  Check check = moduleCheck(root, release, kDriver, "this machine is a guest with a vsock device");
  check.name = "guest side";
  return check;
}

Check hostCheck(const std::string& root, const std::string& release) {
  Check check = moduleCheck(root, release, "vhost_vsock",
                            "QEMU guests with vhost-vsock-pci are seen from here");
  std::error_code ignored;
  if (check.status == Status::Ok && !fs::exists(root + "/dev/vhost-vsock", ignored)) {
    check.status = Status::Missing;
    check.value += ", but /dev/vhost-vsock is missing";
    check.remedy = "sudo modprobe -r vhost_vsock && sudo modprobe vhost_vsock";
  }
  return check;
}

std::vector<Check> machineChecks(const std::string& root) {
  const VirtualMachines machines = findVirtualMachines(root);
  std::vector<Check> checks;
  for (const VirtualMachine& machine : machines.found) {
    std::string value = fmt::format("{} pid {}", escaped(machine.program), machine.process);
    if (machine.cid) value += fmt::format(", CID {}", *machine.cid);
    value += machine.isSeenHere ? ": seen from here" : ": seen inside the guest only";
    checks.push_back({.name = "guest",
                      .status = Status::Note,
                      .value = std::move(value),
                      .remedy = machine.isSeenHere ? "" : "in the guest: sudo vsdump"});
  }
  if (checks.empty()) {
    checks.push_back({.name = "guests", .status = Status::Note, .value = "none found"});
  }
  if (!machines.isComplete) {
    checks.push_back({.name = "guests",
                      .status = Status::Note,
                      .value = "some processes cannot be looked into",
                      .remedy = "sudo vsdump doctor"});
  }
  return checks;
}

Check deviceCheck() {
  const auto devices = listVsockmonDevices();
  if (!devices) {
    return {.name = "devices", .status = Status::Missing, .value = describe(devices.error())};
  }
  if (devices->empty()) {
    return {.name = "devices",
            .status = Status::Note,
            .value = "none, which is well: a capture makes one for itself"};
  }
  std::vector<std::string> names;
  for (const VsockmonDevice& each : *devices) {
    names.push_back(escaped(each.name) + (each.up ? " up" : " down"));
  }
  return {
      .name = "devices", .status = Status::Ok, .value = fmt::format("{}", fmt::join(names, ", "))};
}

Check rightsCheck() {
  constexpr auto has = [](unsigned capability) {
    return capng_have_capability(CAPNG_EFFECTIVE, capability) == 1;
  };
  capng_clear(CAPNG_SELECT_ALL);
  capng_get_caps_process();
  std::vector<std::string_view> missing;
  if (!has(CAP_NET_RAW)) missing.push_back("CAP_NET_RAW");
  if (!has(CAP_NET_ADMIN)) missing.push_back("CAP_NET_ADMIN");
  if (missing.empty()) {
    // Without it a capture makes its device where everybody sees it.
    return {.name = "capture rights",
            .status = Status::Ok,
            .value = has(CAP_SYS_ADMIN) ? "all" : "all but private devices (CAP_SYS_ADMIN)"};
  }
  if (has(CAP_NET_RAW)) {
    return {.name = "capture rights",
            .status = Status::Ok,
            .value = fmt::format("on devices that are up; without {} none can be made",
                                 fmt::join(missing, ", ")),
            .remedy = "sudo vsdump"};
  }
  return {.name = "capture rights",
          .status = Status::Missing,
          .value = fmt::format("without {}", fmt::join(missing, ", ")),
          .remedy = "sudo vsdump"};
}

Check cidCheck(const std::string& root, bool probe) {
  std::error_code ignored;
  if (!fs::exists(root + "/dev/vsock", ignored)) {
    return {.name = "local CID",
            .status = Status::Note,
            .value = "none: /dev/vsock is missing, as no vsock module is loaded"};
  }
  if (!probe) {
    return {.name = "local CID",
            .status = Status::Note,
            .value = "not asked for, as that opens /dev/vsock",
            .remedy = "vsdump doctor --probe"};
  }
  const Result<Cid> cid = localCid();
  if (!cid) return {.name = "local CID", .status = Status::Note, .value = cid.error().reason};
  return {.name = "local CID", .status = Status::Ok, .value = std::to_string(raw(*cid))};
}

std::string_view statusName(Status status) {
  switch (status) {
    case Status::Ok:
      return "ok";
    case Status::Missing:
      return "missing";
    case Status::Note:
      break;
  }
  return "note";
}

}  // namespace

std::vector<Check> examine(const std::string& root, bool probe) {
  const std::string release = kernelRelease();
  std::vector<Check> checks{
      {.name = "kernel", .status = Status::Note, .value = release},
      vsockmonCheck(root, release),
      hostCheck(root, release),
      guestCheck(root, release),
      moduleCheck(root, release, "vsock_loopback", "connections within this machine (CID 1)"),
      moduleCheck(root, release, "vsock_diag", "lists sockets for ss --vsock"),
      cidCheck(root, probe),
      deviceCheck(),
      rightsCheck(),
  };
  for (Check& machine : machineChecks(root)) checks.push_back(std::move(machine));
  return checks;
}

std::string checksTable(std::span<const Check> checks) {
  std::string out;
  for (const Check& check : checks) {
    const char mark = check.status == Status::Ok        ? '+'
                      : check.status == Status::Missing ? '!'
                                                        : ' ';
    out += fmt::format("{} {:<15}  {}\n", mark, check.name, check.value);
    if (!check.remedy.empty()) out += fmt::format("{:19}-> {}\n", "", check.remedy);
  }
  return out;
}

std::string checksJson(std::span<const Check> checks) {
  std::string out;
  for (const Check& check : checks) {
    out += fmt::format(R"({{"record":"check","name":{},"status":"{}","value":{},"remedy":{}}})"
                       "\n",
                       jsonString(check.name), statusName(check.status), jsonString(check.value),
                       jsonString(check.remedy));
  }
  return out;
}

Result<int> runDoctor(const Options& options) {
  const std::vector<Check> checks = examine("", options.probe);
  return printText(options.json ? checksJson(checks) : checksTable(checks));
}

}  // namespace vsdump
