// The real govc, with the commands that concern content libraries. govmomi keeps its own main in a module of its own that
// replaces govmomi by a path, which `go install module@version` refuses; the commands are in govmomi itself.
package main

import (
	"os"

	"github.com/vmware/govmomi/cli"
	_ "github.com/vmware/govmomi/cli/about"
	_ "github.com/vmware/govmomi/cli/library"
	_ "github.com/vmware/govmomi/cli/library/session"
	_ "github.com/vmware/govmomi/cli/session"
	_ "github.com/vmware/govmomi/cli/version"
)

func main() {
	os.Exit(cli.Run(os.Args[1:]))
}
