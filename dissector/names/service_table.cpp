// SPDX-License-Identifier: GPL-2.0-or-later
#include <array>

#include "dissector/names/service_names.h"

namespace vsdump {

namespace {

constexpr Service row(std::uint32_t first, std::uint32_t last, VirtioType type, ListeningSide side,
                      std::string_view name, std::string_view description) {
  return Service{type, Port{first}, Port{last}, side, name, description};
}

constexpr Service host(std::uint32_t port, std::string_view name, std::string_view description) {
  return row(port, port, VirtioType::Stream, ListeningSide::Host, name, description);
}

constexpr Service guest(std::uint32_t port, std::string_view name, std::string_view description) {
  return row(port, port, VirtioType::Stream, ListeningSide::Guest, name, description);
}

constexpr Service any(std::uint32_t port, std::string_view name, std::string_view description) {
  return row(port, port, VirtioType::Stream, ListeningSide::Any, name, description);
}

constexpr Service tsi(std::uint32_t port, std::string_view name, std::string_view description) {
  return row(port, port, VirtioType::Dgram, ListeningSide::Host, name, description);
}

// Within one type, port and side the likelier service comes first. Services whose port depends on
// the CID (libkrun on Nitro: CID+1 to CID+5) or that have no fixed port are not here.
constexpr std::array kServices = {
    // clang-format off
    host(1, "lcow-entropy", "LCOW entropy (Hyper-V)"),
    guest(22, "ssh", "sshd, by systemd-ssh-generator and others"),
    host(109, "lcow-log", "LCOW log (Hyper-V)"),
    host(620, "tsi-stream", "libkrun TSI, outgoing streams"),
    guest(823, "trace-cmd", "trace-cmd agent"),
    any(975, "vmware-tclo", "VMware GuestRPC to the guest (VMCI)"),
    any(976, "vmware-rpci", "VMware GuestRPC to the host (VMCI)"),
    guest(1024, "kata-agent", "Kata Containers agent (ttRPC; gRPC before 2.0)"),
    guest(1024, "vminitd", "Apple containerization init (gRPC)"),
    guest(1024, "virtme-console", "virtme-ng console"),
    host(1024, "gvproxy", "gvisor-tap-vsock network proxy"),
    host(1024, "ignition", "Ignition over HTTP (Podman machine, vfkit)"),
    guest(1025, "kata-log", "Kata Containers agent log"),
    host(1025, "podman-ready", "Podman machine ready message"),
    host(1025, "nerdbox", "containerd nerdbox (ttRPC)"),
    guest(1026, "kata-console", "Kata Containers debug console"),
    guest(1026, "nerdbox-stream", "containerd nerdbox streams"),
    guest(1027, "kata-stdio", "Kata Containers passed-through standard streams"),
    host(1111, "test-thing-notify", "test.thing sd_notify"),
    host(1112, "test-thing-journal", "test.thing journal"),
    any(1234, "vsock-test", "default port of vsock_perf and of many examples"),
    host(2000, "tombstones", "Android Microdroid tombstones"),
    guest(2222, "lima-agent", "Lima guest agent (gRPC)"),
    host(3000, "microdroid-stdio", "Android Microdroid standard streams"),
    host(3333, "muvm-pulse", "muvm sound"),
    host(3334, "muvm-hidpipe", "muvm input devices"),
    guest(3335, "muvm-command", "muvm command server"),
    host(4050, "tdx-qgs", "Intel TDX quote generation"),
    host(5000, "android-binder", "Android VM binder service"),
    any(5005, "nitro-sample", "AWS Nitro Enclaves samples"),
    any(5201, "iperf3", "iperf3, iperf-vsock"),
    guest(5555, "adb", "Android debug bridge (Microdroid)"),
    guest(6432, "compos", "Android CompOS"),
    any(6655, "rancher-network", "Rancher Desktop networking (Hyper-V)"),
    any(6656, "rancher-network", "Rancher Desktop networking (Hyper-V)"),
    any(6669, "rancher-network", "Rancher Desktop networking (Hyper-V)"),
    host(7777, "cros-startup", "ChromeOS concierge startup listener (gRPC)"),
    any(7778, "cros-tremplin", "ChromeOS tremplin listener"),
    any(7779, "cros-crash", "ChromeOS crash listener"),
    host(8000, "nitro-proxy", "AWS Nitro Enclaves vsock-proxy (TLS to KMS)"),
    guest(8888, "cros-maitred", "ChromeOS maitred (gRPC)"),
    any(8889, "cros-garcon", "ChromeOS garcon"),
    any(8890, "cros-tremplin", "ChromeOS tremplin"),
    host(9000, "nitro-heartbeat", "AWS Nitro Enclaves boot heartbeat"),
    guest(9001, "cros-vshd", "ChromeOS vshd"),
    any(9901, "arc-clock", "ARC host clock service"),
    guest(9999, "nitro-p11-kit", "AWS Nitro Enclaves ACM, p11-kit"),
    guest(10000, "nitro-vtoken", "AWS Nitro Enclaves ACM, vToken RPC"),
    guest(10000, "fly-init", "Fly.io init (HTTP)"),
    row(10004, 0xFFFFFFFF, VirtioType::Stream, ListeningSide::Hypervisor, "nitro-console",
        "AWS Nitro Enclaves debug console, port 10000 + CID"),
    host(10240, "kata-trace", "Kata Containers trace forwarder"),
    guest(10789, "firecracker-containerd", "firecracker-containerd agent (ttRPC)"),
    any(10809, "nbd", "network block device"),
    row(11000, 11999, VirtioType::Stream, ListeningSide::Guest, "firecracker-stdio",
        "firecracker-containerd standard streams, from 11000 up"),
    row(16384, 16639, VirtioType::Stream, ListeningSide::Any, "cros-9p",
        "ChromeOS seneschal 9p servers, from 16384 up"),
    any(31337, "ncat", "ncat's default port"),
    host(4098, "vpnkit-control", "vpnkit control"),
    guest(62373, "vpnkit-forwarder", "vpnkit forwarder"),
    row(50000, 50005, VirtioType::Stream, ListeningSide::Host, "wsl",
        "WSL2 init, plan9, drvfs, virtiofs, crash dump (Hyper-V)"),
    row(50000, 50199, VirtioType::Stream, ListeningSide::Host, "muvm", "muvm, a port a command"),
    row(0x10000000, 0x3FFFFFFF, VirtioType::Stream, ListeningSide::Host, "vminitd-stdio",
        "Apple containerization standard streams and relays"),
    host(0x40000000, "lcow-gcs", "LCOW guest compute service (Hyper-V)"),
    row(123, 123, VirtioType::Dgram, ListeningSide::Guest, "tsi-timesync",
        "libkrun time from a macOS host"),
    tsi(1024, "tsi-create", "libkrun TSI, make a proxy socket"),
    tsi(1025, "tsi-connect", "libkrun TSI, connect"),
    tsi(1026, "tsi-getname", "libkrun TSI, address of the peer"),
    tsi(1027, "tsi-sendto-addr", "libkrun TSI, address to send to"),
    tsi(1028, "tsi-sendto-data", "libkrun TSI, datagram to send"),
    tsi(1029, "tsi-listen", "libkrun TSI, listen"),
    tsi(1030, "tsi-accept", "libkrun TSI, accept"),
    tsi(1031, "tsi-release", "libkrun TSI, close"),
    // clang-format on
};

}  // namespace

std::span<const Service> builtinServices() {
  return kServices;
}

}  // namespace vsdump
