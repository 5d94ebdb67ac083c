// SPDX-License-Identifier: GPL-2.0-or-later
#include "capture/error.h"

#include <cerrno>
#include <system_error>
#include <utility>

#include "dissector/text/escape.h"

namespace vsdump {

namespace {

ErrorKind kindOf(int errnoValue) {
  switch (errnoValue) {
    case EPERM:
    case EACCES:
      return ErrorKind::Permission;
    case ENOENT:
    case ENODEV:
    case ENXIO:
      return ErrorKind::NotFound;
    case EOPNOTSUPP:
    case ENOSYS:
      return ErrorKind::Unsupported;
    default:
      return ErrorKind::Io;
  }
}

}  // namespace

Error systemError(ErrorKind kind, std::string attempted, std::string subject, int errnoValue) {
  return Error{.kind = kind,
               .attempted = std::move(attempted),
               .subject = std::move(subject),
               .reason = std::generic_category().message(errnoValue),
               .hint = {}};
}

Error systemError(std::string attempted, std::string subject, int errnoValue) {
  return systemError(kindOf(errnoValue), std::move(attempted), std::move(subject), errnoValue);
}

std::string describe(const Error& error) {
  std::string text;
  if (!error.attempted.empty()) {
    text = "cannot " + error.attempted;
    if (!error.subject.empty()) text += ' ' + escaped(error.subject);
    if (!error.reason.empty()) text += ": ";
  }
  text += error.reason;
  if (!error.hint.empty()) text += ". " + error.hint;
  return text;
}

}  // namespace vsdump
