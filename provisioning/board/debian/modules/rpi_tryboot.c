// SPDX-License-Identifier: GPL-2.0-only
/*
 * Asks the firmware of a Raspberry Pi to start once from the other half of the card, where a restart names "tryboot":
 * `systemctl reboot --reboot-argument="0 tryboot"`. Raspberry Pi's own kernel does this itself (drivers/firmware/raspberrypi.c);
 * mainline's, and so Debian's, does not. The firmware forgets it by itself as it starts: whatever then fails falls back.
 */
#include <linux/mod_devicetable.h>
#include <linux/module.h>
#include <linux/of.h>
#include <linux/reboot.h>
#include <linux/string.h>
#include <soc/bcm2835/raspberrypi-firmware.h>

/* Of the mailbox; 1: the next start is a trial. Mainline's list of properties ends before it. */
#define SET_REBOOT_FLAGS 0x00038064

static struct rpi_firmware *firmware;

static int before_restart(struct notifier_block *block, unsigned long action, void *argument)
{
	u32 flags = 1;
	int error;

	if (action != SYS_RESTART || !argument || !strstr(argument, "tryboot"))
		return NOTIFY_DONE;
	error = rpi_firmware_property(firmware, SET_REBOOT_FLAGS, &flags, sizeof(flags));
	if (error)
		pr_err("rpi_tryboot: the firmware does not start the other half (%d)\n", error);
	else
		pr_info("rpi_tryboot: the next start is a trial\n");
	return NOTIFY_DONE;
}

static struct notifier_block notifier = { .notifier_call = before_restart };

static int __init begin(void)
{
	struct device_node *node = of_find_compatible_node(NULL, NULL, "raspberrypi,bcm2835-firmware");
	int error;

	if (!node)
		return -ENODEV;
	firmware = rpi_firmware_get(node);
	of_node_put(node);
	if (!firmware)
		return -ENODEV;
	error = register_reboot_notifier(&notifier);
	if (error)
		rpi_firmware_put(firmware);
	return error;
}

static void __exit end(void)
{
	unregister_reboot_notifier(&notifier);
	rpi_firmware_put(firmware);
}

module_init(begin);
module_exit(end);

/* udev loads it where there is such firmware, and nowhere else. */
static const struct of_device_id firmware_of_a_pi[] = { { .compatible = "raspberrypi,bcm2835-firmware" }, {} };
MODULE_DEVICE_TABLE(of, firmware_of_a_pi);
MODULE_DESCRIPTION("Starts a Raspberry Pi once from the other half of its card");
MODULE_LICENSE("GPL");
