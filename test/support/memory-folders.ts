/** Several folders on one disk in memory, so that one power cut goes through all of them. */
import type { Disk } from '../../device/journal/disk.ts';
import type { Disks } from '../../device/journal/key-folder.ts';
import type { MemoryDisk } from './memory-disk.ts';

/** Names on the disk are whole paths; the folders themselves have none. */
export function foldersOn(disk: MemoryDisk): Disks {
  const folder = (path: string): Disk => {
    const at = (name: string): string => `${path}/${name}`;
    return {
      list: () => listed(disk, path),
      read: (name, most) => disk.read(at(name), most),
      size: (name) => disk.size(at(name)),
      create: (name) => disk.create(at(name)),
      rename: (from, to) => disk.rename(at(from), at(to)),
      remove: (name) => disk.remove(at(name)),
      syncFolder: () => disk.syncFolder(),
      lock: () => () => undefined,
    };
  };
  return { reader: folder, open: folder };
}

/** Also the names of folders in it. */
function listed(disk: MemoryDisk, path: string): readonly string[] {
  const below = disk.list().filter((name) => name.startsWith(`${path}/`));
  return [...new Set(below.map((name) => name.slice(path.length + 1).replace(/\/.*$/, '')))];
}
