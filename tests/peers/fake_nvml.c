/* A driver's libnvidia-ml.so.1 for machines without one, by NVIDIA's
 * documentation of NVML. The file that the environment's NVIDIA_FAKE names says
 * how it behaves, and is read anew with each call:
 *
 *   ok     two devices with figures; the second tells less
 *   none   no device
 *   ill    nothing starts
 *   hang   calls do not return
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SUCCESS 0
#define ERROR_UNKNOWN 999
#define ERROR_NOT_SUPPORTED 3
#define ERROR_NOT_FOUND 6
#define DEVICES 2

struct utilization {
	unsigned gpu, memory;
};
struct memory {
	unsigned long long total, free, used;
};

static int devices[DEVICES];

static int is(const char *mode)
{
	const char *path = getenv("NVIDIA_FAKE");
	FILE *f = path ? fopen(path, "r") : NULL;
	char now[16] = "ok";

	if (f && fscanf(f, "%15s", now) != 1)
		now[0] = '\0';
	if (f)
		fclose(f);
	while (!strcmp(now, "hang"))
		pause();
	return !strcmp(now, mode);
}

int nvmlInit_v2(void);
int nvmlInit_v2(void)
{
	return is("ill") ? ERROR_UNKNOWN : SUCCESS;
}

int nvmlShutdown(void);
int nvmlShutdown(void)
{
	return SUCCESS;
}

int nvmlDeviceGetCount_v2(unsigned *n);
int nvmlDeviceGetCount_v2(unsigned *n)
{
	*n = is("none") ? 0 : DEVICES;
	return SUCCESS;
}

int nvmlDeviceGetHandleByIndex_v2(unsigned i, int **d);
int nvmlDeviceGetHandleByIndex_v2(unsigned i, int **d)
{
	if (i >= DEVICES || is("none"))
		return ERROR_NOT_FOUND;
	*d = &devices[i];
	return SUCCESS;
}

static int is_second(const int *d)
{
	return d == &devices[1];
}

int nvmlDeviceGetName(int *d, char *name, unsigned size);
int nvmlDeviceGetName(int *d, char *name, unsigned size)
{
	snprintf(name, size, is_second(d) ? "Fake T4 \033[31m" : "Fake A2000");
	return SUCCESS;
}

int nvmlDeviceGetUtilizationRates(int *d, struct utilization *u);
int nvmlDeviceGetUtilizationRates(int *d, struct utilization *u)
{
	is("ok"); /* where a driver that hangs would */
	*u = is_second(d) ? (struct utilization){9, 3} : (struct utilization){87, 40};
	return SUCCESS;
}

int nvmlDeviceGetEncoderUtilization(int *d, unsigned *percent, unsigned *sampled_us);
int nvmlDeviceGetEncoderUtilization(int *d, unsigned *percent, unsigned *sampled_us)
{
	*percent = 55;
	*sampled_us = 167000;
	return is_second(d) ? ERROR_NOT_SUPPORTED : SUCCESS;
}

int nvmlDeviceGetDecoderUtilization(int *d, unsigned *percent, unsigned *sampled_us);
int nvmlDeviceGetDecoderUtilization(int *d, unsigned *percent, unsigned *sampled_us)
{
	*percent = 21;
	*sampled_us = 167000;
	return is_second(d) ? ERROR_NOT_SUPPORTED : SUCCESS;
}

int nvmlDeviceGetMemoryInfo(int *d, struct memory *m);
int nvmlDeviceGetMemoryInfo(int *d, struct memory *m)
{
	(void)d;
	*m = (struct memory){12ull << 30, 8ull << 30, 4ull << 30};
	return SUCCESS;
}

int nvmlDeviceGetTemperature(int *d, int sensor, unsigned *celsius);
int nvmlDeviceGetTemperature(int *d, int sensor, unsigned *celsius)
{
	*celsius = sensor == 0 ? 71 : 0;
	return is_second(d) ? ERROR_NOT_SUPPORTED : SUCCESS;
}

int nvmlDeviceGetPowerUsage(int *d, unsigned *milliwatts);
int nvmlDeviceGetPowerUsage(int *d, unsigned *milliwatts)
{
	*milliwatts = 63500;
	return is_second(d) ? ERROR_NOT_SUPPORTED : SUCCESS;
}
/* No nvmlDeviceGetEncoderStats: an old driver has none. */
