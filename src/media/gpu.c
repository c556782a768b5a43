#include "src/media/gpu.h"
#include "src/base/str.h"
#include "src/media/encoder.h"
#include "src/media/ffmpeg.h"

#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

#define GPUS_MAX 64
#define TEST_WIDTH 256
#define TEST_HEIGHT 144

/* nvml.h is in no free package: the parts used, from NVIDIA's documentation. */
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
	int (*name)(struct nvml_device *d, char *name, unsigned size);
	int (*utilization)(struct nvml_device *d, struct nvml_utilization *u);
	int (*memory)(struct nvml_device *d, struct nvml_memory *m);
};

struct gpus {
	struct nvml nvml;
	size_t n;
	struct {
		unsigned number;
		struct nvml_device *device;
	} v[GPUS_MAX];
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
		!symbol(n, "nvmlDeviceGetHandleByIndex_v2", &n->by_index) ||
		!symbol(n, "nvmlDeviceGetName", &n->name) ||
		!symbol(n, "nvmlDeviceGetUtilizationRates", &n->utilization) ||
		!symbol(n, "nvmlDeviceGetMemoryInfo", &n->memory))
		return none_found("the driver's NVML is too old");
	if (n->init()) {
		n->shutdown = NULL;
		return none_found("NVML does not start");
	}
	return NULL;
}

static struct err *add(struct gpus *g, unsigned number)
{
	if (g->n == GPUS_MAX)
		return err_new(ERR_LIMIT, "more than %d NVIDIA devices",
			GPUS_MAX);
	if (g->nvml.by_index(number, &g->v[g->n].device))
		return err_new(ERR_NOT_FOUND,
			"no NVIDIA device found: none with number %u", number);
	g->v[g->n++].number = number;
	return NULL;
}

static struct err *add_all(struct gpus *g)
{
	unsigned n = 0;
	struct err *e = NULL;

	if (g->nvml.count(&n) || !n)
		return none_found("the driver knows none");
	for (unsigned i = 0; !e && i < n; i++)
		e = add(g, i);
	return e;
}

static struct err *add_listed(struct gpus *g, const char *spec)
{
	struct err *e = NULL;

	while (!e) {
		size_t n = strcspn(spec, ",");
		char *word = xstrndup(spec, n);
		uint64_t number;

		if (!parse_u64(word, &number) || number >= GPUS_MAX)
			e = err_new(ERR_INVALID,
				"\"%s\" is not the number of a device", word);
		else
			e = add(g, (unsigned)number);
		free(word);
		if (!spec[n])
			break;
		spec += n + 1;
	}
	return e;
}

struct err *gpus_open(const char *spec, struct gpus **out)
{
	struct gpus *g = XNEW(struct gpus);
	struct err *e = load(&g->nvml);

	if (!e)
		e = strcmp(spec, "all") ? add_listed(g, spec) : add_all(g);
	if (e) {
		gpus_free(g);
		return e;
	}
	*out = g;
	return NULL;
}

void gpus_free(struct gpus *g)
{
	if (!g)
		return;
	if (g->nvml.shutdown)
		g->nvml.shutdown();
	if (g->nvml.library)
		dlclose(g->nvml.library);
	free(g);
}

size_t gpus_n(const struct gpus *g)
{
	return g ? g->n : 0;
}

unsigned gpus_number(const struct gpus *g, size_t i)
{
	return g->v[i].number;
}

void gpus_read(const struct gpus *g, size_t i, struct gpu_state *out)
{
	struct nvml_device *d = g->v[i].device;
	struct nvml_utilization u;
	struct nvml_memory m;

	*out = (struct gpu_state){.utilisation = -1, .memory_used = -1};
	if (g->nvml.name(d, out->name, sizeof(out->name)))
		out->name[0] = '\0';
	out->name[sizeof(out->name) - 1] = '\0';
	if (!g->nvml.utilization(d, &u))
		out->utilisation = u.gpu / 100.0;
	if (!g->nvml.memory(d, &m))
		out->memory_used = (int64_t)m.used;
}

struct err *gpu_check_encoder(const char *device)
{
	const struct rendition r = {.width = TEST_WIDTH, .height = TEST_HEIGHT,
		.fps = 30, .bitrate = 1000000};
	struct encoder_options o = {.rendition = &r, .preset = "medium",
		.device = device, .time_base = {1, 30}, .frame_rate = {30, 1}};
	AVFrame *like = av_frame_alloc();
	struct encoder *encoder = NULL;
	struct err *e;

	if (!like)
		return ffmpeg_err(AVERROR(ENOMEM));
	like->width = TEST_WIDTH;
	like->height = TEST_HEIGHT;
	like->format = AV_PIX_FMT_YUV420P;
	e = encoder_open(&encoder, &o, like);
	encoder_free(encoder);
	av_frame_free(&like);
	return err_wrap(e, "NVIDIA device %s does not encode", device);
}
