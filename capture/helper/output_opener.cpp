// SPDX-License-Identifier: GPL-2.0-or-later
#include "capture/helper/output_opener.h"

#include <fcntl.h>
#include <linux/capability.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <climits>
#include <cstring>
#include <utility>

#include "capture/helper/helper_process.h"
#include "capture/helper/opener_process.h"

namespace vsdump {

namespace {

using namespace output_opener;

Error isGone(int errnoValue) {
  Error error = systemError(ErrorKind::Io, "open the next output file", {}, errnoValue);
  if (errnoValue == EPIPE) error.reason = "the process that opens them has ended";
  return error;
}

Result<void> ask(const Descriptor& connection, const Request& request) {
  Request copy = request;
  iovec part{.iov_base = &copy, .iov_len = sizeof copy};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  while (::sendmsg(connection.get(), &message, MSG_NOSIGNAL) < 0) {
    if (errno != EINTR) return tl::unexpected(isGone(errno));
  }
  return {};
}

Error refusedFile(const std::string& name, const Answer& answer) {
  if (const auto judged = accepted(answer.refusal, name); !judged) return judged.error();
  if (answer.errnoValue == EXDEV) {
    return {.kind = ErrorKind::Io,
            .attempted = "write to",
            .subject = name,
            .reason = "it lies outside of the folder that -w names"};
  }
  if (answer.errnoValue == ELOOP) {
    return {.kind = ErrorKind::Io,
            .attempted = "write to",
            .subject = name,
            .reason = "it is reached by a link, which output files are not",
            .hint = "Give -w the place itself."};
  }
  return systemError(ErrorKind::Io, "write to", name, answer.errnoValue);
}

}  // namespace

Result<OutputOpener> OutputOpener::start(const RotatedNames& names, const Account& owner,
                                         const OutputRules& rules,
                                         const std::optional<std::string>& command) {
  const std::string folderName(rotatedFolder(names));
  Descriptor folder(
      ::open(folderName.empty() ? "." : folderName.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!folder.isOpen()) {
    return tl::unexpected(systemError("write to the folder", folderName, errno));
  }
  const std::array<int, 1> kept{folder.get()};
  Result<Descriptor> connection = startHelper(
      "vsdump-opener", {.account = owner, .capability = CAP_DAC_OVERRIDE}, kept, [&](int requests) {
        serve(requests,
              {.names = names, .folder = folder.get(), .command = command, .rules = rules});
      });
  if (!connection) return tl::unexpected(std::move(connection.error()));
  return OutputOpener(std::move(*connection));
}

Result<OutputOpener::File> OutputOpener::open(std::time_t begun, std::uint32_t number) {
  Result<void> asked =
      ask(connection_, {.wanted = Wanted::File, .number = number, .begun = std::int64_t{begun}});
  if (!asked) return tl::unexpected(std::move(asked.error()));

  Answer answer{};
  std::array<char, PATH_MAX> name{};
  std::array<iovec, 2> parts{iovec{.iov_base = &answer, .iov_len = sizeof answer},
                             iovec{.iov_base = name.data(), .iov_len = name.size()}};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control{};
  msghdr message{};
  message.msg_iov = parts.data();
  message.msg_iovlen = parts.size();
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  ssize_t size = 0;
  do {
    size = ::recvmsg(connection_.get(), &message, MSG_CMSG_CLOEXEC);
  } while (size < 0 && errno == EINTR);
  if (size < static_cast<ssize_t>(sizeof answer)) {
    return tl::unexpected(isGone(size < 0 ? errno : EPIPE));
  }
  File file;
  if (const cmsghdr* passed = CMSG_FIRSTHDR(&message); passed != nullptr) {
    int descriptor = -1;
    std::memcpy(&descriptor, CMSG_DATA(passed), sizeof descriptor);
    file.descriptor = Descriptor(descriptor);
  }
  file.name.assign(name.data(), static_cast<std::size_t>(size) - sizeof answer);
  if (!file.descriptor.isOpen()) return tl::unexpected(refusedFile(file.name, answer));
  return file;
}

Result<void> OutputOpener::runCommand(std::time_t begun, std::uint32_t number) {
  return ask(connection_,
             {.wanted = Wanted::Command, .number = number, .begun = std::int64_t{begun}});
}

}  // namespace vsdump
