// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/run/vsdump.h"

int main(int argc, char** argv) {
  return vsdump::runVsdump(argc, argv);
}
