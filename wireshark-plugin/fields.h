// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

namespace vsdump {

/// Numbers of what can be filtered, as Wireshark hands them out.
struct Fields {
  int src = -1;
  int dst = -1;
  int end = -1;
  int srcCid = -1;
  int dstCid = -1;
  int srcPort = -1;
  int dstPort = -1;
  int port = -1;
  int service = -1;
  int monitorOp = -1;
  int transport = -1;
  int op = -1;
  int type = -1;
  int flags = -1;
  int flagReceive = -1;
  int flagSend = -1;
  int flagEndOfMessage = -1;
  int flagEndOfRecord = -1;
  int len = -1;
  int bufAlloc = -1;
  int fwdCnt = -1;
  int payloadLength = -1;
  int payload = -1;
  int stream = -1;
  int direction = -1;
  int state = -1;
  int position = -1;
  int nextPosition = -1;
  int credit = -1;
  int window = -1;
  int possiblyBlocked = -1;
  int duplicate = -1;
  int sincePrevious = -1;
  int previousIn = -1;
  int handshake = -1;
  int requestIn = -1;
  int responseIn = -1;
  int endIn = -1;
  int resetCause = -1;
  int causeIn = -1;
  int finding = -1;
};

/// Numbers of the subtrees that remember whether they are open.
struct Subtrees {
  int packet = -1;
  int flags = -1;
};

extern Fields fields;
extern Subtrees subtrees;

/// Makes the fields known for a protocol.
void registerFields(int protocol);

}  // namespace vsdump
