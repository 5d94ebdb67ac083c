#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""That Wireshark with the plugin says of each packet of the samples what vsdump says: same_truth_test.py PLUGIN VSDUMP."""

import hashlib
import unittest

import shark

NAMES = ("src", "dst", "src_cid", "dst_port", "payload_length", "finding", "stream", "direction", "duplicate", "credit", "virtio.op", "handshake", "state", "service",
         "message.protocol", "message.call", "message.outcome", "message.time", "message.request_in", "message.reply_in")
DIRECTIONS = {"0": "to_server", "1": "to_client"}
STATES = {"5": "closed", "6": "refused", "7": "reset"}
# Of single records, those of the samples; the others are about connections.
ANOMALIES = ("payload-truncated", "transport-length-unexpected", "address-mismatch", "op-mismatch", "tap-excess", "payload-unexpected",
             "unknown-type", "unknown-op", "cid-beyond-32-bits", "payload-missing", "unknown-transport", "reserved-not-zero",
             "transport-header-truncated", "captured-exceeds-length")


class SameTruth(unittest.TestCase):
    """The plugin's fields beside vsdump's JSON."""

    @classmethod
    def setUpClass(cls):
        cls.shark = shark.Shark()
        cls.packets = {}

    @classmethod
    def tearDownClass(cls):
        cls.shark.close()

    def packetsOf(self, sample):
        """The plugin's values of each packet."""
        if sample not in self.packets:
            lines = self.shark.fields(sample, [f"vsockmon.{name}" for name in NAMES], "-2")
            self.packets[sample] = [dict(zip(NAMES, values)) for values in lines]
        return self.packets[sample]

    def testEachPacket(self):
        for sample in shark.SAMPLES:
            ours = shark.records("-r", sample)
            for packet, values in zip(ours, self.packetsOf(sample), strict=True):
                with self.subTest(sample=sample.name, packet=packet["number"]):
                    self.assertEqual(values["src_cid"], str(packet["src"]["cid"]))
                    self.assertEqual(values["dst_port"], str(packet["dst"]["port"]))
                    self.assertEqual(values["payload_length"], str(packet["payload_length"]))
                    found = values["finding"].split(",")
                    self.assertEqual([code for code in found if code in ANOMALIES], packet["anomalies"])
                    if "virtio" in packet:
                        self.assertEqual(values["stream"], str(packet["connection"]))
                        self.assertEqual(DIRECTIONS[values["direction"]], packet["direction"])
                        self.assertEqual(values["credit"], str(packet.get("credit", "")))
                        self.assertEqual(bool(values["duplicate"]), packet.get("duplicate", False))

    def testEachConnection(self):
        for sample in shark.SAMPLES:
            rows = {row["id"]: row for row in shark.records("connections", "-r", sample)}
            sums = {number: {"to_server": 0, "to_client": 0} for number in rows}
            last = {}
            for values in self.packetsOf(sample):
                if not values["stream"] or values["duplicate"]:
                    continue
                number = int(values["stream"])
                last[number] = values
                if values["virtio.op"] == "5":
                    sums[number][DIRECTIONS[values["direction"]]] += int(values["payload_length"])
            for number, row in rows.items():
                with self.subTest(sample=sample.name, connection=number):
                    values = last[number]
                    ends = [f"{row[end]['cid']}.{row[end]['port']}" for end in ("client", "server")]
                    isToServer = values["direction"] == "0"
                    self.assertEqual([values["src"], values["dst"]], ends if isToServer else ends[::-1])
                    self.assertEqual(sums[number], {way: row[way]["bytes"] for way in ("to_server", "to_client")})
                    if values["handshake"]:
                        self.assertEqual(round(float(values["handshake"]) * 1e9), row["handshake_ns"])
                    # By its port; what the payload was recognised to be is told with the messages.
                    if row["service"] is None or row["service_is_guess"]:
                        self.assertEqual(values["service"], row["service"] or "")
                    if row["state"] in ("closed", "refused", "reset"):
                        self.assertEqual(STATES[values["state"]], row["state"])

    def testEachFinding(self):
        for sample in shark.SAMPLES:
            findings = [record for record in shark.records("report", "-r", sample) if record["record"] == "finding"]
            expected = [record for record in findings if record["packets"] and record["count"] == 1]
            if not expected:
                continue
            text = self.shark.tshark(sample, "-2", "-O", "vsockmon")
            for record in expected:
                with self.subTest(sample=sample.name, code=record["code"]):
                    self.assertIn(f"[Finding: {record['code']}]", text)
                    self.assertIn(record["message"], text)

    def testEachMessage(self):
        for sample in shark.SAMPLES:
            expected = [record for record in shark.records("messages", "-r", sample) if record["record"] == "message"]
            shown = {number: {name: value.split(",") for name, value in values.items() if name.startswith("message.")}
                     for number, values in enumerate(self.packetsOf(sample), 1)}
            for record in expected:
                with self.subTest(sample=sample.name, packet=record["packet"], call=record["call"]):
                    request = shown[record["packet"]]
                    self.assertIn(record["protocol"], request["message.protocol"])
                    self.assertIn(record["call"].replace(",", "\\,"), request["message.call"])
                    if not record.get("reply_packet"):
                        self.assertIn(record["outcome"], request["message.outcome"])
                        continue
                    reply = shown[record["reply_packet"]]
                    self.assertIn(str(record["reply_packet"]), request["message.reply_in"])
                    self.assertIn(str(record["packet"]), reply["message.request_in"])
                    self.assertIn(record["outcome"], reply["message.outcome"])
                    self.assertIn(record["latency_ns"], [round(float(time) * 1e9) for time in reply["message.time"]])

    def testEachDetailHasAField(self):
        known = self.shark.run("tshark", "-G", "fields")
        keys = {key for sample in shark.SAMPLES for record in shark.records("messages", "--payload", "-r", sample) if record["record"] == "message"
                for part in ("detail", "reply") for key in record[part]}
        self.assertGreater(len(keys), 20)
        self.assertEqual([key for key in sorted(keys) if key.islower() and f"\tvsockmon.message.{key}\t" not in known], [])

    def testFollowsByteForByte(self):
        for path in shark.SAMPLES:
            numbers = [str(row["id"]) for row in shark.records("connections", "-r", path)]
            taps = [word for number in numbers for word in ("-z", f"follow,vsockmon,raw,{number}")]
            parts = self.shark.tshark(path, "-q", *taps).split("Filter: vsockmon.stream eq ")[1:]
            self.assertEqual(sorted(part.splitlines()[0] for part in parts), sorted(numbers))
            for part in parts:
                number, _, *lines = part.splitlines()
                data = b"".join(bytes.fromhex(line.strip()) for line in lines if not line.startswith(("Node", "=", "Follow")))
                with self.subTest(sample=path.name, connection=number):
                    expected = shark.vsdump("follow", number, "--raw", "-r", path)
                    self.assertEqual(hashlib.sha256(data).hexdigest(), hashlib.sha256(expected).hexdigest())


if __name__ == "__main__":
    unittest.main()
