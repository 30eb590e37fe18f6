// Command release writes all that is handed out of certgen, with Go alone:
//
//	go run ./internal/release -out dist
//	go run ./internal/release -out dist -platform linux/amd64
//
// For each platform, or for the one named, that is an archive: .zip for Windows, .tar.gz for the others, with the program, its
// completions, documentation and licences; an OCI image layout of Linux's platforms in one tar file, in which the program alone
// stands and runs as nobody; and SHA256SUMS over all of them. The bytes depend on the commit and
// the Go release only, so anybody can check an archive by building it again, in any folder of any machine.
// The files are dated by SOURCE_DATE_EPOCH (https://reproducible-builds.org/specs/source-date-epoch/), or
// else by the commit, which Go knows where .git is a folder.
package main

import (
	"cmp"
	"context"
	"crypto/sha256"
	"debug/buildinfo"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"time"

	"certgen/render/file"
)

func main() {
	out := flag.String("out", "dist", "the folder for the archives")
	only := flag.String("platform", "", "the one platform to build for, such as linux/amd64 (default all)")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := release(ctx, *out, *only); err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}

// platforms are those that certgen is released for, in the order of the archives' names.
func platforms() []platform {
	return []platform{
		{"darwin", "amd64"}, {"darwin", "arm64"}, {"linux", "amd64"}, {"linux", "arm64"}, {"windows", "amd64"}, {"windows", "arm64"},
	}
}

// release writes the archives of all platforms, or of the only one: all of them or none.
func release(ctx context.Context, out, only string) error {
	wanted := platforms()
	if only != "" {
		wanted = slices.DeleteFunc(wanted, func(p platform) bool { return p.String() != only })
	}
	if len(wanted) == 0 {
		return fmt.Errorf("-platform %q: the platforms are %v", only, platforms())
	}
	root, err := moduleRoot(ctx)
	if err != nil {
		return err
	}
	same, err := sharedFiles(ctx, root)
	if err != nil {
		return err
	}
	var archives []file.File
	var sums strings.Builder
	var images []built
	add := func(a file.File) {
		a.Path = filepath.Join(out, a.Path)
		archives = append(archives, a)
		fmt.Fprintf(&sums, "%x  %s\n", sha256.Sum256(a.Data), filepath.Base(a.Path))
		fmt.Println(a.Path)
	}
	for _, p := range wanted {
		b, err := p.make(ctx, root)
		if err != nil {
			return fmt.Errorf("%s: %w", p, err)
		}
		a, err := b.archive(same)
		if err != nil {
			return fmt.Errorf("%s: %w", p, err)
		}
		add(a)
		if p.os == "linux" {
			images = append(images, b)
		}
	}
	if len(images) > 0 {
		data, err := imageLayout(images, images[0].version, images[0].date)
		if err != nil {
			return err
		}
		add(file.File{Path: "certgen_" + images[0].version + "_image.tar", Data: data})
	}
	if err := os.MkdirAll(out, 0o755); err != nil {
		return err
	}
	return file.WriteFiles(append(archives, file.File{Path: filepath.Join(out, "SHA256SUMS"), Data: []byte(sums.String())})...)
}

// built is the program of one platform.
type built struct {
	platform platform
	program  []byte
	notices  entry // the licences of what is in it
	version  string
	date     time.Time
}

// make builds the program.
func (p platform) make(ctx context.Context, root string) (built, error) {
	binary, err := p.build(ctx, root)
	if err != nil {
		return built{}, err
	}
	defer os.Remove(binary)
	info, err := buildinfo.ReadFile(binary)
	if err != nil {
		return built{}, err
	}
	b := built{platform: p, version: strings.Trim(cmp.Or(info.Main.Version, "(devel)"), "()")}
	if b.date, err = sourceDate(info); err != nil {
		return built{}, err
	}
	if b.program, err = os.ReadFile(binary); err != nil {
		return built{}, err
	}
	b.notices, err = p.notices(ctx, root)
	return b, err
}

// archive packs the program. The archive's Path is its name.
func (b built) archive(same []entry) (file.File, error) {
	p, date := b.platform, b.date
	name := "certgen_" + b.version + "_" + p.os + "_" + p.arch
	if p.os == "windows" {
		entries := append([]entry{{name: "certgen.exe", data: b.program, mode: 0o755}, b.notices}, same...)
		data, err := zipped(entries, date)
		return file.File{Path: name + ".zip", Data: data}, err
	}
	entries := append([]entry{{name: "certgen", data: b.program, mode: 0o755}, b.notices}, same...)
	for _, plugin := range []string{"kubectl-certgen", "kubectl_complete-certgen"} { // by these kubectl finds its plugin
		entries = append(entries, entry{name: plugin, link: "certgen"})
	}
	data, err := tarred(entries, date)
	return file.File{Path: name + ".tar.gz", Data: data}, err
}

// sourceDate is what all files of an archive are dated.
func sourceDate(info *debug.BuildInfo) (time.Time, error) {
	if epoch := os.Getenv("SOURCE_DATE_EPOCH"); epoch != "" {
		seconds, err := strconv.ParseInt(epoch, 10, 64)
		if err != nil {
			return time.Time{}, fmt.Errorf("SOURCE_DATE_EPOCH %q: must be the seconds since 1970", epoch)
		}
		return time.Unix(seconds, 0).UTC(), nil
	}
	for _, setting := range info.Settings {
		if setting.Key == "vcs.time" {
			return time.Parse(time.RFC3339, setting.Value)
		}
	}
	return time.Time{}, errors.New("the commit's date is not known: build in a clone of the repository, or set SOURCE_DATE_EPOCH")
}
