// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/payload/kata.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>

#include "dissector/payload/cursor.h"
#include "dissector/payload/protobuf.h"

namespace vsdump::payload {

namespace {

enum class Kind : std::uint8_t {
  Text,
  Number,
  Length,   ///< how many bytes it has
  Secret,   ///< a text that is shown on demand alone
  Secrets,  ///< the same of a field that repeats
};

/// A field of a body: the numbers on the way to it, and what it is called here.
struct FieldRow {
  std::string_view method;
  bool isReply;
  std::array<std::uint8_t, 3> path;  ///< up to the first zero
  std::string_view key;
  Kind kind = Kind::Text;
};

constexpr bool kReply = true;
constexpr bool kRequest = false;

/// **Source** kata-containers src/libs/protocols/protos/{agent,health,oci,types}.proto.
constexpr auto kFields = std::to_array<FieldRow>({
    // clang-format off
    {"CreateContainer", kRequest, {1}, "id"},
    {"CreateContainer", kRequest, {2}, "exec_id"},
    {"CreateContainer", kRequest, {6, 2, 4}, "program"},
    {"CreateContainer", kRequest, {6, 2, 5}, "env", Kind::Secrets},
    {"CreateContainer", kRequest, {6, 3, 1}, "root"},
    {"CreateContainer", kRequest, {9}, "stdin_port", Kind::Number},
    {"CreateContainer", kRequest, {10}, "stdout_port", Kind::Number},
    {"CreateContainer", kRequest, {11}, "stderr_port", Kind::Number},
    {"StartContainer", kRequest, {1}, "id"},
    {"RemoveContainer", kRequest, {1}, "id"},
    {"RemoveContainer", kRequest, {2}, "timeout_s", Kind::Number},
    {"ExecProcess", kRequest, {1}, "id"},
    {"ExecProcess", kRequest, {2}, "exec_id"},
    {"ExecProcess", kRequest, {4, 4}, "program"},
    {"ExecProcess", kRequest, {4, 5}, "env", Kind::Secrets},
    {"ExecProcess", kRequest, {5}, "stdin_port", Kind::Number},
    {"ExecProcess", kRequest, {6}, "stdout_port", Kind::Number},
    {"ExecProcess", kRequest, {7}, "stderr_port", Kind::Number},
    {"SignalProcess", kRequest, {1}, "id"},
    {"SignalProcess", kRequest, {2}, "exec_id"},
    {"SignalProcess", kRequest, {3}, "signal", Kind::Number},
    {"WaitProcess", kRequest, {1}, "id"},
    {"WaitProcess", kRequest, {2}, "exec_id"},
    {"WaitProcess", kReply, {1}, "status", Kind::Number},
    {"UpdateContainer", kRequest, {1}, "id"},
    {"StatsContainer", kRequest, {1}, "id"},
    {"PauseContainer", kRequest, {1}, "id"},
    {"ResumeContainer", kRequest, {1}, "id"},
    {"WriteStdin", kRequest, {1}, "id"},
    {"WriteStdin", kRequest, {2}, "exec_id"},
    {"WriteStdin", kRequest, {3}, "bytes", Kind::Length},
    {"WriteStdin", kRequest, {3}, "data", Kind::Secret},
    {"WriteStdin", kReply, {1}, "written", Kind::Number},
    {"ReadStdout", kRequest, {1}, "id"},
    {"ReadStdout", kRequest, {2}, "exec_id"},
    {"ReadStdout", kReply, {1}, "bytes", Kind::Length},
    {"ReadStdout", kReply, {1}, "data", Kind::Secret},
    {"ReadStderr", kRequest, {1}, "id"},
    {"ReadStderr", kRequest, {2}, "exec_id"},
    {"ReadStderr", kReply, {1}, "bytes", Kind::Length},
    {"ReadStderr", kReply, {1}, "data", Kind::Secret},
    {"CloseStdin", kRequest, {1}, "id"},
    {"CloseStdin", kRequest, {2}, "exec_id"},
    {"TtyWinResize", kRequest, {1}, "id"},
    {"TtyWinResize", kRequest, {2}, "exec_id"},
    {"TtyWinResize", kRequest, {3}, "rows", Kind::Number},
    {"TtyWinResize", kRequest, {4}, "columns", Kind::Number},
    {"CreateSandbox", kRequest, {5}, "sandbox_id"},
    {"CreateSandbox", kRequest, {1}, "hostname"},
    {"CopyFile", kRequest, {1}, "path"},
    {"CopyFile", kRequest, {2}, "file_size", Kind::Number},
    {"CopyFile", kRequest, {7}, "offset", Kind::Number},
    {"CopyFile", kRequest, {8}, "bytes", Kind::Length},
    {"OnlineCPUMem", kRequest, {2}, "cpus", Kind::Number},
    {"UpdateInterface", kRequest, {1, 1}, "device"},
    {"UpdateInterface", kRequest, {1, 2}, "name"},
    {"UpdateInterface", kRequest, {1, 4}, "mtu", Kind::Number},
    {"SetGuestDateTime", kRequest, {1}, "seconds", Kind::Number},
    {"GetOOMEvent", kReply, {1}, "id"},
    {"GetGuestDetails", kReply, {1}, "memory_block_bytes", Kind::Number},
    {"GetGuestDetails", kReply, {2, 1}, "agent_version"},
    {"Version", kReply, {1}, "grpc_version"},
    {"Version", kReply, {2}, "agent_version"},
    {"Check", kReply, {1}, "status", Kind::Number},
    // clang-format on
});

constexpr auto kLongPolls = std::to_array<std::string_view>(
    {"WaitProcess", "GetOOMEvent", "ReadStdout", "ReadStderr", "WriteStdin"});

/// Adds each of the fields that a path names.
void putAll(Details& details, std::string_view key, Bytes body,
            std::span<const std::uint8_t> path) {
  const auto parent = protobufField(body, path.first(path.size() - 1));
  if (!parent || !parent->isBytes) return;
  ProtobufReader reader(parent->bytes);
  while (const auto field = reader.next()) {
    if (field->number == path.back() && field->isBytes) details.text(key, textOf(field->bytes));
  }
}

}  // namespace

bool isKataService(std::string_view service) {
  return service == "grpc.AgentService" || service == "grpc.Health";
}

bool isKataLongPoll(std::string_view method) {
  return std::ranges::find(kLongPolls, method) != kLongPolls.end();
}

void putKataFields(Details& details, std::string_view method, bool isReply, Bytes body,
                   bool showsSecrets) {
  for (const FieldRow& row : kFields) {
    if (row.isReply != isReply || row.method != method) continue;
    if (row.kind >= Kind::Secret && !showsSecrets) continue;
    const std::span path(row.path.begin(), std::ranges::find(row.path, 0));
    if (row.kind == Kind::Secrets) {
      putAll(details, row.key, body, path);
      continue;
    }
    const auto field = protobufField(body, path);
    if (!field || field->isBytes == (row.kind == Kind::Number)) continue;
    if (row.kind == Kind::Text || row.kind == Kind::Secret)
      details.text(row.key, textOf(field->bytes));
    if (row.kind == Kind::Number) details.number(row.key, field->value);
    if (row.kind == Kind::Length) details.number(row.key, field->bytes.size());
  }
}

void announceKataStreams(Announcements& announcements, std::uint32_t source, Cid caller,
                         const Details& details) {
  constexpr Port kListener{1027};
  struct Stream {
    std::string_view key;
    std::string_view name;
  };
  for (const auto& [key, name] : std::to_array<Stream>(
           {{"stdin_port", "stdin"}, {"stdout_port", "stdout"}, {"stderr_port", "stderr"}})) {
    const auto port = static_cast<std::uint32_t>(details.numberOf(key));
    if (port == 0) continue;
    Announcements::Announcement said{.peerPort = kListener, .protocol = "kata", .call = "stdio"};
    said.details.text("id", details.textOf("id"));
    said.details.text("exec_id", details.textOf("exec_id"));
    said.details.text("stream", name);
    said.standsFor = std::string(details.textOf("exec_id")) + ' ' + std::string(name);
    announcements.add({source, VirtioType::Stream, {caller, Port{port}}}, std::move(said));
  }
}

}  // namespace vsdump::payload
