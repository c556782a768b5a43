/* What a worker costs beside the ffmpeg program: the same segments, the same
 * ladder and encoder settings, by turns, so that both meet the same machine.
 *
 *   bench_segment DIR [PRESET [ROUNDS]]
 *
 * DIR gets the clip (made with ffmpeg, once) and ffmpeg's outputs. Prints one
 * JSON object; ratios are medians of each round's, below 1 is better than
 * ffmpeg. Wall time of ours is what a caller of the pool waits, shared memory
 * and sandbox included; CPU is the worker's and the pool's. */
#include "src/base/clock.h"
#include "src/media/pool.h"

#include <dirent.h>
#include <errno.h>
#include <spawn.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define SEGMENTS 3
#define ROUNDS_MAX 99
#define LADDER "P720p30fps16x9,P360p30fps16x9,P240p30fps16x9"
#define DURATION_MS 2000

static const char make_clip[] =
	"ffmpeg -nostdin -v error -y"
	" -f lavfi -i testsrc2=s=1920x1080:r=30:d=6"
	" -f lavfi -i mandelbrot=s=1920x1080:r=30"
	" -f lavfi -i sine=440:d=6 -filter_complex"
	" [0][1]blend=all_mode=average:shortest=1,"
	"noise=alls=6:allf=t,format=yuv420p[v] -map [v] -map 2"
	" -c:v libx264 -preset veryfast -b:v 6M -maxrate 6M -bufsize 6M"
	" -g 60 -keyint_min 60 -sc_threshold 0 -bf 2"
	" -c:a aac -b:a 128k -ac 2 -t 6"
	" -f segment -segment_time 2 -segment_format mpegts %s/s%%d.ts";

static void die(const char *what)
{
	fprintf(stderr, "bench_segment: %s: %s\n", what, strerror(errno));
	exit(1);
}

/* Runs a command line whose words hold no blanks; its CPU seconds. */
static double run(const char *line)
{
	char *copy = xstrdup(line), *save = NULL, *argv[160];
	struct rusage r;
	size_t n = 0;
	int status;
	pid_t pid;

	for (char *w = strtok_r(copy, " ", &save); w && n < 159;
		w = strtok_r(NULL, " ", &save))
		argv[n++] = w;
	argv[n] = NULL;
	if (posix_spawnp(&pid, argv[0], NULL, NULL, argv, environ) ||
		wait4(pid, &status, 0, &r) != pid || status)
		die(argv[0]);
	free(copy);
	return (double)(r.ru_utime.tv_sec + r.ru_stime.tv_sec) +
		1e-6 * (double)(r.ru_utime.tv_usec + r.ru_stime.tv_usec);
}

static double run_ffmpeg(const char *dir, int segment, const char *preset,
	const struct ladder *l)
{
	struct str s = STR_INIT;
	double cpu;

	str_printf(&s, "ffmpeg -nostdin -v error -y -copyts -i %s/s%d.ts", dir,
		segment);
	for (size_t i = 0; i < l->n; i++) {
		const struct rendition *r = &l->r[i];

		str_printf(&s,
			" -map 0:v -map 0:a -vf scale=%d:%d,fps=%u"
			" -c:v libx264 -preset %s -forced-idr 1 -bf 3"
			" -b:v %d -minrate %d -maxrate %d -bufsize %d"
			" -c:a copy -f mpegts %s/out%zu.ts",
			r->width, r->height, r->fps, preset, r->bitrate,
			r->bitrate, r->bitrate, r->bitrate, dir, i);
	}
	cpu = run(s.s);
	str_clear(&s);
	return cpu;
}

/* --- ours --- */

static struct blob *read_segment(const char *dir, int segment)
{
	char path[512];
	struct stat st;
	void *bytes;
	FILE *f;

	snprintf(path, sizeof(path), "%s/s%d.ts", dir, segment);
	f = fopen(path, "rb");
	if (!f || fstat(fileno(f), &st))
		die(path);
	bytes = xmalloc((size_t)st.st_size);
	if (fread(bytes, 1, (size_t)st.st_size, f) != (size_t)st.st_size)
		die(path);
	fclose(f);
	return blob_take(bytes, (size_t)st.st_size);
}

static atomic_bool answered;
static struct transcode_output *answer;

static void on_answer(void *ctx, struct err *taken, void *result)
{
	(void)ctx;
	if (taken) {
		fprintf(stderr, "bench_segment: %s\n", err_text(taken));
		exit(1);
	}
	answer = result;
	atomic_store(&answered, true);
}

static void run_ours(struct pool *p, const struct ladder *l, struct blob *b)
{
	struct transcode_job *j = XNEW(struct transcode_job);

	snprintf(j->session, sizeof(j->session), "bench");
	j->duration_ms = DURATION_MS;
	j->input = blob_ref(b);
	j->ladder = *l;
	j->timeout_ms = 600000;
	atomic_store(&answered, false);
	pool_transcode(p, j, (struct reply){.fn = on_answer});
	while (!atomic_load(&answered))
		usleep(500);
	transcode_output_free(answer);
}

static pid_t find_worker(void)
{
	DIR *d = opendir("/proc");
	struct dirent *e;
	pid_t found = 0;

	while (d && (e = readdir(d))) {
		char path[300], state;
		int pid, parent;
		FILE *f;

		snprintf(path, sizeof(path), "/proc/%s/stat", e->d_name);
		f = fopen(path, "r");
		if (!f)
			continue;
		if (fscanf(f, "%d (cpu0) %c %d", &pid, &state, &parent) == 3 &&
			parent == getpid())
			found = pid;
		fclose(f);
	}
	if (d)
		closedir(d);
	return found;
}

static double cpu_of(pid_t worker)
{
	struct timespec theirs, ours;
	clockid_t clock;

	if (clock_getcpuclockid(worker, &clock) ||
		clock_gettime(clock, &theirs) ||
		clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ours))
		die("the worker's clock");
	return (double)(theirs.tv_sec + ours.tv_sec) +
		1e-9 * (double)(theirs.tv_nsec + ours.tv_nsec);
}

/* --- numbers --- */

static int by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median(double *v, size_t n)
{
	qsort(v, n, sizeof(*v), by_size);
	return n % 2 ? v[n / 2] : (v[n / 2 - 1] + v[n / 2]) / 2;
}

struct series {
	double wall[ROUNDS_MAX], cpu[ROUNDS_MAX];
};

static void print(struct series *ours, struct series *theirs, size_t n,
	const char *preset)
{
	double wall[ROUNDS_MAX], cpu[ROUNDS_MAX];

	for (size_t i = 0; i < n; i++) {
		wall[i] = ours->wall[i] / theirs->wall[i];
		cpu[i] = ours->cpu[i] / theirs->cpu[i];
	}
	printf("{\"segment_vs_ffmpeg\": %.3f, "
	       "\"segment_cpu_vs_ffmpeg\": %.3f, "
	       "\"segment_wall_s\": %.3f, \"segment_cpu_s\": %.3f, "
	       "\"ffmpeg_wall_s\": %.3f, \"ffmpeg_cpu_s\": %.3f, "
	       "\"segment_s\": %.1f, \"rounds\": %zu, \"preset\": \"%s\", "
	       "\"ladder\": \"%s\"}\n",
		median(wall, n), median(cpu, n), median(ours->wall, n),
		median(ours->cpu, n), median(theirs->wall, n),
		median(theirs->cpu, n), DURATION_MS / 1000.0, n, preset,
		LADDER);
}

int main(int argc, char **argv)
{
	const char *preset = argc > 2 ? argv[2] : "medium";
	struct pool_options o = {.exe = "/proc/self/exe", .cpu_workers = 1,
		.capacity = 1, .preset = preset};
	uint64_t rounds = 9;
	struct series ours, theirs;
	struct ladder ladder;
	char line[1024];
	struct log *log;
	struct pool *pool;
	pid_t worker;

	if (argc > 1 && !strcmp(argv[1], "worker"))
		return worker_main(argc, argv);
	if (argc < 2 || (argc > 3 && !parse_u64(argv[3], &rounds)) ||
		!rounds || rounds > ROUNDS_MAX) {
		fprintf(stderr, "bench_segment DIR [PRESET [ROUNDS]]\n");
		return 2;
	}
	snprintf(line, sizeof(line), "%s/s%d.ts", argv[1], SEGMENTS - 1);
	if (access(line, R_OK)) {
		mkdir(argv[1], 0777);
		snprintf(line, sizeof(line), make_clip, argv[1]);
		run(line);
	}
	err_free(ladder_parse_presets(&ladder, LADDER));
	log = log_new("bench", NULL);
	if (pool_new(log, &o, &pool))
		die("pool");
	for (size_t i = 0; i < rounds; i++) {
		int segment = (int)(i % SEGMENTS);
		struct blob *b = read_segment(argv[1], segment);
		double cpu;
		int64_t us;

		if (!i) /* until the worker is up */
			run_ours(pool, &ladder, b);
		worker = find_worker();
		cpu = cpu_of(worker);
		us = clock_mono_us();
		run_ours(pool, &ladder, b);
		ours.wall[i] = 1e-6 * (double)(clock_mono_us() - us);
		ours.cpu[i] = cpu_of(worker) - cpu;
		us = clock_mono_us();
		theirs.cpu[i] = run_ffmpeg(argv[1], segment, preset, &ladder);
		theirs.wall[i] = 1e-6 * (double)(clock_mono_us() - us);
		blob_put(b);
	}
	print(&ours, &theirs, rounds, preset);
	pool_free(pool);
	log_free(log);
	return 0;
}
