#include "src/media/nvml.h"

#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

#define SENSOR_GPU 0 /* NVML_TEMPERATURE_GPU */

/* nvml.h is in no free package: the parts used, from NVIDIA's documentation
 * (docs.nvidia.com/deploy/nvml-api). Zero is success. */
struct nvml_device;
struct nvml_utilization {
	unsigned gpu, memory; /* percent */
};
struct nvml_memory {
	unsigned long long total, free, used;
};

struct nvml {
	void *library;
	int (*init)(void);
	int (*shutdown)(void);
	int (*count)(unsigned *n);
	int (*by_index)(unsigned i, struct nvml_device **d);
	/* From here on a driver may lack them: NULL. */
	int (*name)(struct nvml_device *d, char *name, unsigned size);
	int (*utilization)(struct nvml_device *d, struct nvml_utilization *u);
	int (*encoder)(struct nvml_device *d, unsigned *percent, unsigned *sampled_us);
	int (*decoder)(struct nvml_device *d, unsigned *percent, unsigned *sampled_us);
	int (*memory)(struct nvml_device *d, struct nvml_memory *m);
	int (*temperature)(struct nvml_device *d, int sensor, unsigned *celsius);
	int (*power)(struct nvml_device *d, unsigned *milliwatts);
	int (*encoder_stats)(struct nvml_device *d, unsigned *sessions, unsigned *fps,
		unsigned *latency_us);
};

static struct err *none_found(const char *why)
{
	return err_new(ERR_NOT_FOUND, "no NVIDIA device found: %s", why);
}

static bool symbol(struct nvml *n, const char *name, void *out)
{
	void *at = dlsym(n->library, name);

	memcpy(out, &at, sizeof(at)); /* ISO C has no such cast */
	return at;
}

static struct err *load(struct nvml *n)
{
	n->library = dlopen("libnvidia-ml.so.1", RTLD_NOW | RTLD_LOCAL);
	if (!n->library)
		return none_found(dlerror());
	if (!symbol(n, "nvmlInit_v2", &n->init) ||
		!symbol(n, "nvmlShutdown", &n->shutdown) ||
		!symbol(n, "nvmlDeviceGetCount_v2", &n->count) ||
		!symbol(n, "nvmlDeviceGetHandleByIndex_v2", &n->by_index))
		return none_found("the driver's NVML is too old");
	symbol(n, "nvmlDeviceGetName", &n->name);
	symbol(n, "nvmlDeviceGetUtilizationRates", &n->utilization);
	symbol(n, "nvmlDeviceGetEncoderUtilization", &n->encoder);
	symbol(n, "nvmlDeviceGetDecoderUtilization", &n->decoder);
	symbol(n, "nvmlDeviceGetMemoryInfo", &n->memory);
	symbol(n, "nvmlDeviceGetTemperature", &n->temperature);
	symbol(n, "nvmlDeviceGetPowerUsage", &n->power);
	symbol(n, "nvmlDeviceGetEncoderStats", &n->encoder_stats);
	if (n->init()) {
		n->shutdown = NULL;
		return none_found("NVML does not start");
	}
	return NULL;
}

struct err *nvml_open(struct nvml **out)
{
	struct nvml *n = XNEW(struct nvml);
	struct err *e = load(n);

	if (e)
		nvml_close(TAKE(n));
	*out = n;
	return e;
}

void nvml_close(struct nvml *n)
{
	if (!n)
		return;
	if (n->shutdown)
		n->shutdown();
	if (n->library)
		dlclose(n->library);
	free(n);
}

unsigned nvml_count(struct nvml *n)
{
	unsigned count = 0;

	return n->count(&count) ? 0 : count;
}

/* --- figures --- */

static uint32_t known(bool is_known, enum gpu_figure f)
{
	return is_known ? f : 0;
}

static void read_memory(struct nvml *n, struct nvml_device *d, struct gpu_reading *out)
{
	struct nvml_memory m;

	if (!n->memory || n->memory(d, &m) || !m.total)
		return;
	out->known |= GPU_MEMORY;
	out->memory_used = m.used;
	out->memory_total = m.total;
}

static void read_utilization(struct nvml *n, struct nvml_device *d, struct gpu_reading *out)
{
	struct nvml_utilization u;

	if (!n->utilization || n->utilization(d, &u))
		return;
	out->known |= GPU_BUSY;
	out->busy = u.gpu;
}

bool nvml_read(struct nvml *n, unsigned number, struct gpu_reading *out)
{
	struct nvml_device *d;
	unsigned ignored, fps;

	*out = (struct gpu_reading){.number = number};
	if (n->by_index(number, &d))
		return false;
	if (!n->name || n->name(d, out->name, sizeof(out->name)))
		out->name[0] = '\0';
	out->name[sizeof(out->name) - 1] = '\0';
	read_utilization(n, d, out);
	read_memory(n, d, out);
	out->known |= known(n->encoder && !n->encoder(d, &out->encoder, &ignored), GPU_ENCODER);
	out->known |= known(n->decoder && !n->decoder(d, &out->decoder, &ignored), GPU_DECODER);
	out->known |= known(n->temperature &&
		!n->temperature(d, SENSOR_GPU, &out->temperature), GPU_TEMPERATURE);
	out->known |= known(n->power && !n->power(d, &out->power), GPU_POWER);
	out->known |= known(n->encoder_stats &&
		!n->encoder_stats(d, &out->encoder_sessions, &fps, &ignored),
		GPU_ENCODER_SESSIONS);
	return true;
}
