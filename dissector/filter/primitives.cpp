// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/filter/primitives.h"

#include <array>

namespace vsdump::filter {

namespace {

constexpr auto kPrimitives = [] {
  using enum Primitive;
  return std::to_array<PrimitiveRow>({
      // clang-format off
    {Cid, "cid", "CID", "packets of connections with an end at this CID", "cid 3", true},
    {Cid, "host", "CID", "the same as cid", "host 3", true},
    {Port, "port", "PORT", "packets from or to a port", "port 1024", true},
    {PortRange, "portrange", "PORT-PORT", "packets from or to one of these ports",
                 "portrange 1024-1030", true},
    {Connection, "conn", "CID.PORT CID.PORT",
                 "packets between these two addresses, both ways", "conn 3.1024 2.1234"},
    {Op, "op", "OP", "packets of this virtio op", "op rst"},
    {MonitorOp, "connect", "",
                 "packets that the kernel says open a connection: REQUEST, RESPONSE", "connect"},
    {MonitorOp, "disconnect", "",
                 "packets that the kernel says close a connection: RST, SHUTDOWN", "disconnect"},
    {MonitorOp, "control", "", "packets that the kernel says are about credit",
                 "control"},
    {MonitorOp, "payload", "", "packets that the kernel says carry data", "payload"},
    {Type, "type", "TYPE", "packets of sockets of this type", "type seqpacket"},
    {Transport, "transport", "TRANSPORT", "packets of this transport",
                 "transport virtio"},
    {Flag, "eom", "", "packets that end a message (SEQPACKET)", "eom"},
    {Flag, "eor", "", "packets that end a record (SEQPACKET)", "eor"},
    {Flag, "shutdown_rcv", "", "SHUTDOWN packets whose sender will read no more",
                 "shutdown_rcv"},
    {Flag, "shutdown_send", "", "SHUTDOWN packets whose sender will send no more",
                 "shutdown_send and not shutdown_rcv"},
    {Less, "less", "LENGTH", "packets of at most this length, headers included",
                 "less 76"},
    {Greater, "greater", "LENGTH",
                 "packets of at least this length, headers included", "greater 77"},
    {Relation, "len", "RELATION", "the length of the packet, headers included",
                 "len = 76"},
    {Relation, "caplen", "RELATION",
                 "the bytes of it that were captured: len, or the snapshot length if that is less",
                 "caplen < len"},
    {Relation, "src_cid", "RELATION", "the sender's CID", "src_cid >= 3"},
    {Relation, "dst_cid", "RELATION", "the receiver's CID", "dst_cid > 0xffffffff"},
    {Relation, "src_port", "RELATION", "the sender's port", "src_port < 1024"},
    {Relation, "dst_port", "RELATION", "the receiver's port", "dst_port > 1M"},
    {Relation, "payload_len", "RELATION", "virtio's len: the bytes of payload",
                 "payload_len > 1000"},
    {Relation, "flags", "RELATION", "virtio's flags", "flags & 2 != 0"},
    {Relation, "buf_alloc", "RELATION", "the sender's receive buffer in bytes",
                 "buf_alloc < 64k"},
    {Relation, "fwd_cnt", "RELATION", "the bytes that the sender has read so far",
                 "fwd_cnt = 0"},
    {Link, "link", "[INDEX:SIZE] RELATION",
                 "SIZE (1, 2 or 4) bytes of the packet, of which the first counts most",
                 "link[16:4] = 0x00040000"},
    {Link, "ether", "[INDEX:SIZE] RELATION", "the same as link",
                 "ether[24] = 1"},
    {PayloadContains, "payload contains", "TEXT or 0xHEX",
                 "packets whose payload has these bytes; vsdump looks for them itself, the kernel "
                 "cannot", "payload contains \"GET /\""},
    {ConnectionNumber, "connection", "NUMBER",
                 "packets of the connection that has this number in `vsdump connections`",
                 "connection 0"},
    {Finding, "finding", "FINDING",
                 "all packets of the connections that have this finding", "finding credit-stall"},
    {FindingPacket, "finding-packet", "FINDING", "the packets that prove this finding",
                 "finding-packet connect-refused"},
    {State, "state", "STATE",
                 "all packets of the connections that are in this state at the end",
                 "state refused"},
    {Service, "service", "SERVICE",
                 "packets of connections to this service; a name also stands for those that go on "
                 "after it with a dash", "service kata"},
      // clang-format on
  });
}();

constexpr std::array kGrammar = {
    // clang-format off
    GrammarRow{"filter     = [ expression ] ;", "port 1024 and op rst"},
    GrammarRow{"expression = factor { ( \"and\" | \"&&\" | \"or\" | \"||\" ) factor } ;",
               "cid 3 && port 22 || op rst"},
    GrammarRow{"factor     = ( \"not\" | \"!\" ) factor | \"(\" expression \")\" | condition ;",
               "not (port 22 or cid 3)"},
    GrammarRow{"condition  = address | conn | kind | word | length | relation | contains | known"
               " | values ;", "eom"},
    GrammarRow{"address    = [ side ] ( \"cid\" | \"host\" | \"port\" ) values"
               " | [ side ] \"portrange\" values | side values ;", "src port 22"},
    GrammarRow{"side       = \"src\" | \"dst\" | \"src or dst\" | \"src and dst\" ;",
               "src and dst cid local"},
    GrammarRow{"conn       = \"conn\" end end ;", "conn host.1234 3.1024"},
    GrammarRow{"end        = value ( \".\" | \":\" ) value ;", "conn 2:1234 3:ssh"},
    GrammarRow{"kind       = ( \"op\" | \"type\" | \"transport\" ) values ;", "op (rst or shutdown)"},
    GrammarRow{"word       = \"connect\" | \"disconnect\" | \"control\" | \"payload\""
               " | \"eom\" | \"eor\" | \"shutdown_rcv\" | \"shutdown_send\" ;", "connect or disconnect"},
    GrammarRow{"length     = ( \"less\" | \"greater\" ) number ;", "greater 1k"},
    GrammarRow{"relation   = sum ( \"<\" | \"<=\" | \">\" | \">=\" | \"=\" | \"==\" | \"!=\" ) sum ;",
               "payload_len > 1000"},
    GrammarRow{"sum        = term { ( \"|\" | \"^\" | \"&\" | \"<<\" | \">>\" | \"+\" | \"-\" | \"*\""
               " | \"/\" | \"%\" ) term } ;", "flags & 2 != 0"},
    GrammarRow{"term       = number | field | load | \"(\" sum \")\" | \"-\" term ;",
               "(len - 76) * 2 > buf_alloc"},
    GrammarRow{"field      = \"len\" | \"caplen\" | \"src_cid\" | \"dst_cid\" | \"src_port\""
               " | \"dst_port\" | \"payload_len\" | \"flags\" | \"buf_alloc\" | \"fwd_cnt\" ;",
               "fwd_cnt = 0"},
    GrammarRow{"load       = ( \"link\" | \"ether\" ) \"[\" sum [ \":\" ( \"1\" | \"2\" | \"4\" ) ] \"]\" ;",
               "link[26:2] = 0x0200"},
    GrammarRow{"contains   = \"payload contains\" ( text | number ) ;", "payload contains 0x474554"},
    GrammarRow{"known      = ( \"connection\" | \"finding\" | \"finding-packet\" | \"state\" | \"service\" )"
               " values ;", "state (refused or reset)"},
    GrammarRow{"values     = value | \"(\" value { ( \"or\" | \"||\" ) value } \")\" ;",
               "port 22 or 1024"},
    GrammarRow{"value      = number [ \"-\" number ] | \"#\" number | name | text ;", "port ssh"},
    GrammarRow{"number     = ( digits | \"0x\" hexdigits | \"0\" octaldigits ) [ \"k\" | \"M\" | \"G\" ] ;",
               "buf_alloc = 256k"},
    GrammarRow{"text       = '\"' { character | \"\\\\\" escape } '\"' ;",
               "payload contains \"\\x16\\x03\""},
    // clang-format on
};

}  // namespace

std::span<const PrimitiveRow> primitiveTable() {
  return kPrimitives;
}

const PrimitiveRow* findPrimitive(std::string_view word) {
  for (const PrimitiveRow& row : kPrimitives) {
    if (row.word == word) return &row;
  }
  return nullptr;
}

std::span<const GrammarRow> grammarTable() {
  return kGrammar;
}

}  // namespace vsdump::filter
