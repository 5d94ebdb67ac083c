// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/support/random_filters.h"

#include <algorithm>

#include "tests/support/record_builder.h"

namespace vsdump::support {

namespace {

const std::vector<std::uint64_t> kCids = {0, 1, 1, 1, 2, 2, 3, 42, 0xFFFFFFFF, 0x100000002};
const std::vector<std::uint32_t> kPorts = {0, 22, 255, 256, 1024, 1025, 65535, 70000, 0xFFFFFFFF};
const std::vector<std::uint32_t> kCounts = {
    0, 1, 2, 3, 76, 255, 256, 4096, 65536, 262144, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF};
const std::vector<std::string> kRelations = {"<", "<=", ">", ">=", "=", "==", "!="};
const std::vector<std::string> kOperators = {"+", "-", "*", "/", "%", "&", "|", "^", "<<", ">>"};
const std::vector<std::string> kSides = {"", "", "src ", "dst ", "src and dst ", "src or dst "};

template <typename T>
std::vector<std::string> texts(const std::vector<T>& numbers) {
  std::vector<std::string> out;
  for (const T number : numbers) out.push_back(std::to_string(number));
  return out;
}

}  // namespace

std::string RandomFilters::list(const std::vector<std::string>& values) {
  if (!isOneIn(3)) return pick(values);
  std::string out = '(' + pick(values);
  for (std::size_t i = below(4) + 1; i > 0; --i) out += " or " + pick(values);
  return out + ')';
}

std::string RandomFilters::number() {
  return isOneIn(2) ? std::to_string(pick(kCounts)) : std::to_string(below(300));
}

std::string RandomFilters::sum(int depth) {
  if (depth == 0 || isOneIn(3)) {
    static const std::vector<std::string> kFields = {
        "len", "caplen", "src_port", "payload_len", "flags", "buf_alloc", "fwd_cnt", "dst_port"};
    static const std::vector<std::string> kSizes = {"", ":1", ":2", ":4"};
    switch (below(4)) {
      case 0:
        return number();
      case 1:
        return "link[" + (depth > 0 && isOneIn(2) ? sum(depth - 1) : std::to_string(below(100))) +
               pick(kSizes) + "]";
      default:
        return pick(kFields);
    }
  }
  const std::string& op = pick(kOperators);
  const std::string left = sum(depth - 1);
  // What is constant must not divide by 0 nor shift too far.
  const bool isDelicate = op == "/" || op == "%" || op == "<<" || op == ">>";
  const std::string right =
      isDelicate ? (isOneIn(2) ? std::to_string(below(31) + 1) : "link[62]") : sum(depth - 1);
  return '(' + left + ' ' + op + ' ' + right + ')';
}

std::string RandomFilters::condition() {
  static const std::vector<std::string> kOps = {"request", "response",      "rst", "shutdown",
                                                "rw",      "credit_update", "9",   "65535"};
  static const std::vector<std::string> kWords = {
      "connect", "disconnect", "control", "payload", "eom", "eor", "shutdown_rcv", "shutdown_send"};
  const auto address = [&] {
    return ' ' + std::to_string(pick(kCids)) + '.' + std::to_string(pick(kPorts));
  };
  switch (below(12)) {
    case 0:
    case 1:
      return pick(kSides) + "cid " + list(texts(kCids));
    case 2:
    case 3:
      return pick(kSides) + "port " + list(texts(kPorts));
    case 4: {
      const std::uint32_t one = pick(kPorts);
      const std::uint32_t other = pick(kPorts);
      return pick(kSides) + "portrange " + std::to_string(std::min(one, other)) + '-' +
             std::to_string(std::max(one, other));
    }
    case 5:
      return "conn" + address() + address();
    case 6:
      return "op " + list(kOps);
    case 7:
      return isOneIn(2) ? "type " + list({"stream", "seqpacket", "dgram", "7"})
                        : "transport " + list({"virtio", "no_info", "unknown", "3"});
    case 8:
      return pick(kWords);
    case 9:
      return (isOneIn(2) ? "less " : "greater ") + std::to_string(below(160));
    case 10:
      return std::string(isOneIn(2) ? "src_cid " : "dst_cid ") + pick(kRelations) + ' ' +
             std::to_string(pick(kCids));
    default: {
      const std::string left = sum(static_cast<int>(below(3)));
      return left + ' ' + pick(kRelations) + ' ' + (isOneIn(3) ? sum(1) : number());
    }
  }
}

template <typename Condition>
std::string RandomFilters::joined(int conditions, Condition condition) {
  std::string out;
  int open = 0;
  for (auto left = 1 + below(static_cast<std::size_t>(conditions)); left > 0; --left) {
    if (isOneIn(4)) out += isOneIn(2) ? "not " : "! ";
    if (isOneIn(4)) {
      out += '(';
      ++open;
    }
    out += condition();
    if (open > 0 && isOneIn(2)) {
      out += ')';
      --open;
    }
    if (left > 1) out += isOneIn(2) ? " and " : " or ";
  }
  return out + std::string(static_cast<std::size_t>(open), ')');
}

std::string RandomFilters::filter(int conditions) {
  return joined(conditions, [&] { return condition(); });
}

std::string RandomFilters::lengthSum(int depth) {
  if (depth == 0 || isOneIn(3)) {
    static const std::vector<std::string> kSizes = {"", ":1", ":2", ":4"};
    if (isOneIn(3)) return std::to_string(below(300));
    if (isOneIn(3)) return "len";
    return "link[" + (depth > 0 && isOneIn(2) ? lengthSum(depth - 1) : std::to_string(below(100))) +
           pick(kSizes) + "]";
  }
  const std::string& op = pick(kOperators);
  const bool isDelicate = op == "/" || op == "%" || op == "<<" || op == ">>";
  const std::string left = lengthSum(depth - 1);
  const std::string right = isDelicate ? std::to_string(below(31) + 1) : lengthSum(depth - 1);
  if (op == "%" || op == "^") return "((" + left + ") " + op + " (" + right + "))";
  // Sometimes without parentheses: both must agree on what binds first.
  const std::string all = left + ' ' + op + ' ' + right;
  return isDelicate || isOneIn(2) ? '(' + all + ')' : all;
}

std::string RandomFilters::lengthFilter(int conditions) {
  return joined(conditions, [&]() -> std::string {
    if (isOneIn(3)) return (isOneIn(2) ? "less " : "greater ") + std::to_string(below(160));
    return lengthSum(2) + ' ' + pick(kRelations) + ' ' + lengthSum(1);
  });
}

RandomFilters::Record RandomFilters::record(std::uint32_t snapshotLengthBytes) {
  static const std::vector<VirtioOp> kOps = {
      VirtioOp::Request, VirtioOp::Response, VirtioOp::Rst, VirtioOp::Shutdown,
      VirtioOp::Rw,      VirtioOp::Rw,       VirtioOp{9},   VirtioOp::CreditUpdate};
  const std::string payload(isOneIn(2) ? 0 : below(80), 'x');
  RecordBuilder record = RecordBuilder::of(pick(kOps), static_cast<std::uint32_t>(payload.size()));
  record.monitor.src = {Cid{pick(kCids)}, Port{pick(kPorts)}};
  record.monitor.dst = {Cid{pick(kCids)}, Port{pick(kPorts)}};
  record.virtio.src = record.monitor.src;
  record.virtio.dst = record.monitor.dst;
  if (isOneIn(3)) record.virtio.type = VirtioType{static_cast<std::uint16_t>(below(4))};
  record.virtio.flags = isOneIn(2) ? static_cast<std::uint32_t>(below(4)) : pick(kCounts);
  record.virtio.bufAlloc = pick(kCounts);
  record.virtio.fwdCnt = pick(kCounts);
  if (isOneIn(4)) record.virtio.payloadLengthBytes = pick(kCounts);
  if (isOneIn(5)) record.monitor.transport = Transport{static_cast<std::uint16_t>(below(4))};
  if (isOneIn(5)) {
    static const std::vector<std::uint16_t> kLengths = {0, 20, 43, 45, 64, 0x0100, 0x2C00, 0xFFFF};
    record.monitor.transportLengthBytes = pick(kLengths);
  }
  Record out{.bytes = record.bytes(payload)};
  if (isOneIn(20)) {
    for (std::byte& byte : out.bytes) byte = static_cast<std::byte>(engine_());
  }
  // A record can be short on the wire, or cut by the capture.
  if (isOneIn(4)) out.bytes.resize(below(out.bytes.size() + 1));
  out.wireLengthBytes = static_cast<std::uint32_t>(out.bytes.size());
  out.bytes.resize(std::min<std::size_t>(out.bytes.size(), snapshotLengthBytes));
  return out;
}

}  // namespace vsdump::support
