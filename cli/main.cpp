// SPDX-License-Identifier: GPL-2.0-or-later
#include "capture/sandbox.h"
#include "cli/run/vsdump.h"

int main(int argc, char** argv) {
  vsdump::prepareForSandbox();
  return vsdump::runVsdump(argc, argv);
}
