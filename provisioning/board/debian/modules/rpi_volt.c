// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tells of under-voltage as Raspberry Pi's own kernel does (drivers/hwmon/raspberrypi-hwmon.c): a sensor named rpi_volt, whose
 * in0_lcrit_alarm is 1 where the supply is below 4.63 V now, or was since it was last asked; that is said in the kernel's log too.
 * Mainline's firmware driver makes the device; Debian's kernel has no driver for it.
 */
#include <linux/err.h>
#include <linux/hwmon.h>
#include <linux/module.h>
#include <linux/platform_device.h>
#include <soc/bcm2835/raspberrypi-firmware.h>

#define UNDER_VOLTAGE_NOW BIT(0)
#define UNDER_VOLTAGE_SINCE BIT(16)
/* Asked with these the firmware forgets what has been. */
#define FORGET 0xffff

static umode_t may_read(const void *firmware, enum hwmon_sensor_types type, u32 attribute, int channel)
{
	return 0444;
}

static int ask(struct device *sensor, enum hwmon_sensor_types type, u32 attribute, int channel, long *value)
{
	u32 throttled = FORGET;
	int error;

	error = rpi_firmware_property(dev_get_drvdata(sensor), RPI_FIRMWARE_GET_THROTTLED, &throttled, sizeof(throttled));
	if (error)
		return error;
	*value = !!(throttled & (UNDER_VOLTAGE_NOW | UNDER_VOLTAGE_SINCE));
	if (*value)
		dev_crit(sensor, "Undervoltage detected!\n");
	return 0;
}

static const struct hwmon_ops operations = { .is_visible = may_read, .read = ask };
static const struct hwmon_channel_info *const channels[] = { HWMON_CHANNEL_INFO(in, HWMON_I_LCRIT_ALARM), NULL };
static const struct hwmon_chip_info chip = { .ops = &operations, .info = channels };

static int probe(struct platform_device *device)
{
	struct rpi_firmware *firmware = dev_get_drvdata(device->dev.parent);

	if (!firmware)
		return -ENODEV;
	return PTR_ERR_OR_ZERO(
		devm_hwmon_device_register_with_info(&device->dev, "rpi_volt", firmware, &chip, NULL));
}

static struct platform_driver rpi_volt = { .probe = probe, .driver = { .name = "raspberrypi-hwmon" } };
module_platform_driver(rpi_volt);

/* udev loads it where the firmware measures, and nowhere else. */
MODULE_ALIAS("platform:raspberrypi-hwmon");
MODULE_DESCRIPTION("Tells of under-voltage of a Raspberry Pi");
MODULE_LICENSE("GPL");
