package shim

import (
	"fmt"
	"log"
	"os"
	"strings"
	"sync/atomic"
)

// LoggingLevel is a severity of the logger that Fabric's shim had until 1.4, and has no more.
type LoggingLevel int32

// The levels, in the order of Fabric 1.x.
const (
	LogDebug    LoggingLevel = 5
	LogInfo     LoggingLevel = 4
	LogNotice   LoggingLevel = 3
	LogWarning  LoggingLevel = 2
	LogError    LoggingLevel = 1
	LogCritical LoggingLevel = 0
)

var levelNames = map[string]LoggingLevel{
	"DEBUG": LogDebug, "INFO": LogInfo, "NOTICE": LogNotice,
	"WARNING": LogWarning, "ERROR": LogError, "CRITICAL": LogCritical,
}

var (
	shimLevel = atomic.Int32{}
	output    = log.New(os.Stderr, "", log.LstdFlags|log.Lmicroseconds)
)

func init() {
	shimLevel.Store(int32(LogInfo))
}

// LogLevel is the level of that name; an unknown name gives LogError and an error.
func LogLevel(name string) (LoggingLevel, error) {
	if level, ok := levelNames[strings.ToUpper(name)]; ok {
		return level, nil
	}
	return LogError, fmt.Errorf("invalid log level %q", name)
}

// SetLoggingLevel set the level of the shim's own messages; the shim writes none today.
func SetLoggingLevel(level LoggingLevel) {
	shimLevel.Store(int32(level))
}

// SetupChaincodeLogging read the levels from the environment; they have their defaults here.
func SetupChaincodeLogging() {}

// ChaincodeLogger writes a chaincode's messages to its standard error, which the peer logs.
type ChaincodeLogger struct {
	name  string
	level atomic.Int32
}

// NewLogger makes a logger of level INFO.
func NewLogger(name string) *ChaincodeLogger {
	logger := &ChaincodeLogger{name: name}
	logger.level.Store(int32(LogInfo))
	return logger
}

// SetLevel makes the logger drop what is less severe than level.
func (c *ChaincodeLogger) SetLevel(level LoggingLevel) {
	c.level.Store(int32(level))
}

// IsEnabledFor says whether messages of that level are written.
func (c *ChaincodeLogger) IsEnabledFor(level LoggingLevel) bool {
	return level <= LoggingLevel(c.level.Load())
}

func (c *ChaincodeLogger) print(level LoggingLevel, name string, args []interface{}) {
	if c.IsEnabledFor(level) {
		output.Printf("[%s] %s %s", c.name, name, strings.TrimSuffix(fmt.Sprintln(args...), "\n"))
	}
}

func (c *ChaincodeLogger) printf(level LoggingLevel, name, format string, args []interface{}) {
	if c.IsEnabledFor(level) {
		output.Printf("[%s] %s %s", c.name, name, fmt.Sprintf(format, args...))
	}
}

func (c *ChaincodeLogger) Debug(args ...interface{})    { c.print(LogDebug, "DEBUG", args) }
func (c *ChaincodeLogger) Info(args ...interface{})     { c.print(LogInfo, "INFO", args) }
func (c *ChaincodeLogger) Notice(args ...interface{})   { c.print(LogNotice, "NOTICE", args) }
func (c *ChaincodeLogger) Warning(args ...interface{})  { c.print(LogWarning, "WARNING", args) }
func (c *ChaincodeLogger) Error(args ...interface{})    { c.print(LogError, "ERROR", args) }
func (c *ChaincodeLogger) Critical(args ...interface{}) { c.print(LogCritical, "CRITICAL", args) }

func (c *ChaincodeLogger) Debugf(format string, args ...interface{}) {
	c.printf(LogDebug, "DEBUG", format, args)
}

func (c *ChaincodeLogger) Infof(format string, args ...interface{}) {
	c.printf(LogInfo, "INFO", format, args)
}

func (c *ChaincodeLogger) Noticef(format string, args ...interface{}) {
	c.printf(LogNotice, "NOTICE", format, args)
}

func (c *ChaincodeLogger) Warningf(format string, args ...interface{}) {
	c.printf(LogWarning, "WARNING", format, args)
}

func (c *ChaincodeLogger) Errorf(format string, args ...interface{}) {
	c.printf(LogError, "ERROR", format, args)
}

func (c *ChaincodeLogger) Criticalf(format string, args ...interface{}) {
	c.printf(LogCritical, "CRITICAL", format, args)
}
