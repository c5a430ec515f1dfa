"""Chaincode that does harm, on the shim of Fabric 1.x."""

from __future__ import annotations

HOSTILE_PATH, GONE_PATH = "github.com/hostile/go", "github.com/gone/go"

HOSTILE = """package main

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"strings"
	"time"

	"github.com/hyperledger/fabric/core/chaincode/shim"
	pb "github.com/hyperledger/fabric/protos/peer"
)

type hostile struct{}

func (hostile) Init(shim.ChaincodeStubInterface) pb.Response { return shim.Success(nil) }

func (hostile) Invoke(stub shim.ChaincodeStubInterface) pb.Response {
	call, arguments := stub.GetFunctionAndParameters()
	told := "done"
	switch call {
	case "read":
		told = tell(arguments, func(path string) error { _, err := os.ReadFile(path); return err })
	case "dial":
		told = tell(arguments, dial)
	case "write":
		told = tell(arguments, fill)
	case "block":
		select {}
	case "leave":
		os.Exit(7)
	case "panic":
		go panic("of its own making")
		select {}
	case "shout":
		go func() {
			for line := strings.Repeat("x", 1000); ; {
				fmt.Println(line)
			}
		}()
	case "spin":
		for range 8 {
			go func() {
				for {
				}
			}()
		}
	case "eat":
		eaten := [][]byte{}
		for {
			bite := make([]byte, 1<<20)
			for place := range bite {
				bite[place] = 1
			}
			eaten = append(eaten, bite)
		}
	case "fork":
		for {
			child := exec.Command("/proc/self/exe")
			child.Env = []string{"CHILD=1"}
			if err := child.Start(); err != nil {
				return shim.Error(err.Error())
			}
		}
	}
	return shim.Success([]byte(told))
}

func tell(arguments []string, attempt func(string) error) string {
	lines := []string{}
	for _, argument := range arguments {
		if err := attempt(argument); err != nil {
			lines = append(lines, err.Error())
		} else {
			lines = append(lines, argument+": it can be done")
		}
	}
	return strings.Join(lines, "|")
}

func dial(address string) error {
	network, address, _ := strings.Cut(address, " ")
	connection, err := net.DialTimeout(network, address, time.Second)
	if err == nil {
		connection.Close()
	}
	return err
}

func fill(path string) error {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	defer os.Remove(path)
	defer file.Close()
	for chunk := make([]byte, 1<<20); err == nil; {
		_, err = file.Write(chunk)
	}
	return err
}

func main() {
	if os.Getenv("CHILD") != "" {
		time.Sleep(time.Hour)
	}
	shim.Start(hostile{})
}
"""

GONE = """package main

import "os"

func main() {
	println("not today")
	os.Exit(7)
}
"""
