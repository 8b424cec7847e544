/**
 * The machine in which the box meets real parts: Debian's full kernel (the one for clouds has no USB and no GPIO), with
 * the kernel's simulator of a GPIO chip, which Debian does not build, made from its own source.
 */
import { cpSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildSync } from 'esbuild';
import { asRoot, debianTree } from '../debian.ts';
import { project } from '../images.ts';
import type { MachineKind } from '../images.ts';

const source = 'linux-source-6.12';
const toolPackages = ['linux-headers-amd64', source, 'libnode-dev', 'g++', 'make', 'xz-utils', 'bzip2'];

/**
 * The module, and onoff's native half for Debian's Node. Debian's kernel has no irq_sim, and irq_to_desc is not for modules: it is
 * linked into gpio-sim and goes another way.
 */
const makeModules = `set -e
cd /made
tar -xJf /usr/src/${source}.tar.xz --strip-components=1 ${source}/drivers/gpio/gpio-sim.c ${source}/kernel/irq/irq_sim.c
mkdir gpio
mv drivers/gpio/gpio-sim.c kernel/irq/irq_sim.c gpio/
sed -i 's/irq_to_desc(irqnum)/irq_data_to_desc(irq_get_irq_data(irqnum))/
s/#include <linux\\/irq_work.h>/#include <linux\\/irqdesc.h>\\n&/' gpio/irq_sim.c
cat >gpio/Makefile <<'END'
obj-m := gpio-sim-lab.o
gpio-sim-lab-y := gpio-sim.o irq_sim.o
ccflags-y := -DCONFIG_IRQ_SIM=1
END
make -s -C /usr/src/linux-headers-*-amd64 M=/made/gpio modules
g++ -shared -fPIC -O1 -w -DNODE_GYP_MODULE_NAME=epoll -DBUILDING_NODE_EXTENSION -I/usr/include/node -I/made/nan \\
  -o /made/epoll.node /made/src/epoll.cc
strip --strip-debug gpio/*.ko epoll.node
`;

/** The contract suite as one file, built as dist/ is (scripts/build.mjs). */
function bundleContract(outfile: string): void {
  const inside = join(project, 'test/lab/parts/inside');
  buildSync({
    entryPoints: [join(inside, 'suite.ts')],
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    external: ['usb', 'epoll', '@resvg/resvg-js', 'harfbuzzjs'],
    alias: { vitest: join(inside, 'vitest.ts') },
    banner: { js: "const __bundleUrl = require('node:url').pathToFileURL(__filename).href;" },
    define: { 'import.meta.url': '__bundleUrl', 'import.meta.dirname': '__dirname' },
    logLevel: 'error',
  });
}

export const partsMachine: MachineKind = {
  prefix: 'parts-',
  takes: 'three minutes on a quiet machine, and two more for its modules',
  packages: [
    ...['linux-image-amd64', 'nodejs', 'socat', 'iproute2', 'kmod', 'procps'],
    ...['systemd', 'systemd-sysv', 'udev', 'dbus'],
    'v4l-utils',
    ...['cage', 'seatd', 'chromium', 'fonts-dejavu-core'],
  ],
  scripts: [join(project, 'test/lab/parts/guest/boot'), join(project, 'test/lab/guest/line.sh')],
  lateScripts: join(project, 'test/lab/parts/guest/late'),
  memoryMb: 2048,
  timing: 'instructions',
  devices: ['-device', 'qemu-xhci,id=usb', '-device', 'virtio-gpu-pci,xres=800,yres=480'],
  more: {
    recipe: [...toolPackages, makeModules].join(),
    add(tree, folder) {
      const tools = join(folder, 'tools');
      debianTree(tools, toolPackages);
      const made = join(tools, 'made');
      mkdirSync(made);
      cpSync(join(project, 'node_modules/epoll/src'), join(made, 'src'), { recursive: true });
      cpSync(join(project, 'node_modules/nan'), join(made, 'nan'), { recursive: true });
      writeFileSync(join(made, 'make.sh'), makeModules);
      asRoot('chroot', [tools, 'bash', '/made/make.sh']);
      const [kernel = ''] = readdirSync(join(tree, 'lib/modules'));
      const updates = join(tree, 'lib/modules', kernel, 'updates');
      asRoot('mkdir', ['-p', updates]);
      asRoot('cp', [join(made, 'gpio/gpio-sim-lab.ko'), updates]);
      asRoot('chroot', [tree, 'depmod', kernel]);
      cpSync(join(made, 'epoll.node'), join(folder, 'epoll.node'));
      rmSync(tools, { recursive: true, force: true });
    },
  },
  moreApp(tree, guest) {
    const built = join(tree, 'node_modules/epoll/build');
    rmSync(built, { recursive: true, force: true });
    mkdirSync(join(built, 'Release'), { recursive: true });
    cpSync(join(guest, 'epoll.node'), join(built, 'Release/epoll.node'));
    cpSync(join(project, 'systemd'), join(tree, 'systemd'), { recursive: true });
    bundleContract(join(tree, 'guest/contract.cjs'));
  },
};
