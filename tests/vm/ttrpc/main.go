// SPDX-License-Identifier: GPL-2.0-or-later

// A server and a client of ttRPC over AF_VSOCK, with the names of Kata's agent:
//
//	ttrpc_pair server PORT
//	ttrpc_pair client PORT     prints a JSON line for each call: method, code, latency_ns
//
// The bodies are protobuf that is put together here, as Kata's own definitions are not packaged.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"
	"sync"
	"time"

	"github.com/containerd/ttrpc"
	"github.com/gogo/protobuf/proto"
	"golang.org/x/sys/unix"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

const (
	cidAny     = 0xFFFFFFFF
	cidLocal   = 1
	agent      = "grpc.AgentService"
	health     = "grpc.Health"
	slowMs     = 150
	statsCalls = 15
)

// body is a protobuf message as bytes.
type body struct{ bytes []byte }

func (b *body) Reset()                   { b.bytes = nil }
func (b *body) String() string           { return fmt.Sprintf("%x", b.bytes) }
func (*body) ProtoMessage()              {}
func (b *body) Marshal() ([]byte, error) { return b.bytes, nil }
func (b *body) Unmarshal(p []byte) error { b.bytes = append([]byte(nil), p...); return nil }

// text appends a field with a length.
func (b *body) text(number uint64, value string) *body {
	buffer := proto.NewBuffer(b.bytes)
	buffer.EncodeVarint(number<<3 | proto.WireBytes)
	buffer.EncodeStringBytes(value)
	return &body{buffer.Bytes()}
}

// number appends a varint.
func (b *body) number(field uint64, value uint64) *body {
	buffer := proto.NewBuffer(b.bytes)
	buffer.EncodeVarint(field<<3 | proto.WireVarint)
	buffer.EncodeVarint(value)
	return &body{buffer.Bytes()}
}

func (b *body) inside(number uint64, inner *body) *body { return b.text(number, string(inner.bytes)) }

// conn makes a connected socket a net.Conn, which package net does not do for AF_VSOCK.
type conn struct{ *os.File }

func (conn) LocalAddr() net.Addr  { return &net.UnixAddr{Name: "vsock", Net: "vsock"} }
func (conn) RemoteAddr() net.Addr { return &net.UnixAddr{Name: "vsock", Net: "vsock"} }

func connOf(fd int) net.Conn {
	check(unix.SetNonblock(fd, true))
	return conn{os.NewFile(uintptr(fd), "vsock")}
}

type listener struct{ fd int }

func (l listener) Accept() (net.Conn, error) {
	fd, _, err := unix.Accept4(l.fd, unix.SOCK_CLOEXEC)
	if err != nil {
		return nil, err
	}
	return connOf(fd), nil
}
func (l listener) Close() error   { return unix.Close(l.fd) }
func (l listener) Addr() net.Addr { return &net.UnixAddr{Name: "vsock", Net: "vsock"} }

func socket() int {
	fd, err := unix.Socket(unix.AF_VSOCK, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	check(err)
	return fd
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "ttrpc_pair:", err)
		os.Exit(1)
	}
}

// answer is a method that takes its time and gives a body or an error.
func answer(took time.Duration, reply *body, failure error) ttrpc.Method {
	return func(ctx context.Context, unmarshal func(interface{}) error) (interface{}, error) {
		if err := unmarshal(&body{}); err != nil {
			return nil, err
		}
		select {
		case <-time.After(took):
		case <-ctx.Done():
			return nil, status.FromContextError(ctx.Err()).Err()
		}
		if failure != nil {
			return nil, failure
		}
		return reply, nil
	}
}

func serve(port uint32) {
	const ms = time.Millisecond
	empty := &body{}
	server, err := ttrpc.NewServer()
	check(err)
	server.Register(health, map[string]ttrpc.Method{"Check": answer(ms, empty.number(1, 1), nil)})
	server.Register(agent, map[string]ttrpc.Method{
		"CreateSandbox":   answer(20*ms, empty, nil),
		"CreateContainer": answer(80*ms, empty, nil),
		"StartContainer":  answer(30*ms, empty, nil),
		"ExecProcess":     answer(10*ms, empty, nil),
		"WriteStdin":      answer(5*ms, empty.number(1, 6), nil),
		"StatsContainer":  answer(60*ms, empty, nil),
		"SignalProcess":   answer(ms, nil, status.Error(codes.NotFound, "no such container c2")),
		"PauseContainer":  answer(slowMs*ms*4, empty, nil),
		"WaitProcess":     answer(slowMs*ms*4, empty.number(1, 137), nil),
	})
	fd := socket()
	check(unix.Bind(fd, &unix.SockaddrVM{CID: cidAny, Port: port}))
	check(unix.Listen(fd, 4))
	check(server.Serve(context.Background(), listener{fd}))
}

// caller makes calls and prints what became of them.
type caller struct {
	client *ttrpc.Client
	lock   sync.Mutex
}

func (c *caller) call(service, method string, request *body, timeout time.Duration) {
	ctx := context.Background()
	if timeout != 0 {
		limited, cancel := context.WithTimeout(ctx, timeout)
		defer cancel()
		ctx = limited
	}
	begin := time.Now()
	err := c.client.Call(ctx, service, method, request, &body{})
	took := time.Since(begin)
	if errors.Is(err, context.DeadlineExceeded) {
		err = status.FromContextError(err).Err()
	}
	line, jsonErr := json.Marshal(map[string]interface{}{
		"method": method, "code": status.Code(err).String(), "latency_ns": took.Nanoseconds()})
	check(jsonErr)
	c.lock.Lock()
	defer c.lock.Unlock()
	fmt.Println(string(line))
}

func call(port uint32) {
	fd := socket()
	check(unix.Connect(fd, &unix.SockaddrVM{CID: cidLocal, Port: port}))
	c := &caller{client: ttrpc.NewClient(connOf(fd))}
	empty := &body{}
	c1 := empty.text(1, "c1")
	process := empty.text(4, "/bin/sh").text(4, "-c").text(5, "PASSWORD=hunter2")
	c.call(health, "Check", empty, 0)
	c.call(agent, "CreateSandbox", empty.text(1, "pod").text(5, "s1"), 0)
	c.call(agent, "CreateContainer", c1.text(2, "c1").inside(6, empty.inside(2, process)), 10*time.Second)
	c.call(agent, "StartContainer", c1, 0)
	c.call(agent, "ExecProcess", c1.text(2, "e1").inside(4, process), 0)
	c.call(agent, "WriteStdin", c1.text(2, "e1").text(3, "secret"), 0)
	var waiter sync.WaitGroup
	waiter.Add(1)
	go func() {
		defer waiter.Done()
		c.call(agent, "WaitProcess", c1.text(2, "e1"), 0)
	}()
	for i := 0; i < statsCalls; i++ {
		c.call(agent, "StatsContainer", c1, 0)
	}
	waiter.Wait()
	c.call(agent, "SignalProcess", empty.text(1, "c2").number(3, 9), 0)
	c.call(agent, "PauseContainer", c1, slowMs*time.Millisecond)
	c.call(agent, "GetMetrics", empty, 0)
	time.Sleep(time.Second) // what was not waited for is answered all the same
	c.client.Close()
}

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: ttrpc_pair server|client PORT")
		os.Exit(2)
	}
	port, err := strconv.ParseUint(os.Args[2], 10, 32)
	check(err)
	if os.Args[1] == "server" {
		serve(uint32(port))
	} else {
		call(uint32(port))
	}
}
