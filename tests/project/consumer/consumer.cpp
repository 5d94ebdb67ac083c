// SPDX-License-Identifier: GPL-2.0-or-later
#include <iostream>

#include "capture/file/open.h"
#include "dissector/wire/packet.h"

/// Prints how many packets of a capture file have a virtio header.
int main(int argc, char** argv) {
  if (argc != 2) return 2;
  auto source = vsdump::openCaptureFile(argv[1]);
  if (!source) {
    std::cerr << vsdump::describe(source.error()) << '\n';
    return 2;
  }
  int count = 0;
  while (true) {
    const auto batch = (*source)->read();
    if (!batch || batch->state != vsdump::SourceState::More) break;
    for (const vsdump::Frame& frame : batch->frames) {
      if (vsdump::dissect(frame).decoded == vsdump::Decoded::Virtio) ++count;
    }
  }
  std::cout << count << '\n';
}
