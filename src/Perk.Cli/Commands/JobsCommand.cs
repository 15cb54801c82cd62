using System.CommandLine;
using System.Globalization;
using Perk.Core.Hosting;
using Perk.Cli.Terminal;
using Perk.Core.Jobs;
using Perk.Core.Storage;
using Spectre.Console;

namespace Perk.Cli.Commands;

/// <summary><c>perk jobs list | show | replay | cancel | purge</c>: what became of submissions, and what to do about it.</summary>
internal static class JobsCommand
{
    public static Command Create() => new("jobs", "What became of documents and questions, and what to do about it")
    {
        Of("list", "Show jobs", new JobFlags(), List),
        Of("show", "Show all that is known of jobs", new JobFlags(named: true), Show),
        Changing("replay", "Do jobs again that failed, were given up or cancelled", "replayed", [JobStatus.Failed, JobStatus.DeadLettered, JobStatus.Cancelled],
            async (control, job, cancel) => await control.ReplayAsync(job, cancel) is { } next ? $"queued again as generation {next.Generation}" : null),
        Changing("cancel", "Cancel jobs that have not ended", "cancelled", [JobStatus.Queued, JobStatus.Running],
            async (control, job, cancel) => await control.CancelAsync(job, cancel) switch { true => "cancelled", false => "will be cancelled by its host", _ => null }),
        Changing("purge", "Remove the records of jobs that have ended; adapters and answers stay", "removed",
            [JobStatus.Succeeded, JobStatus.Failed, JobStatus.DeadLettered, JobStatus.Cancelled],
            async (control, job, cancel) => await control.PurgeAsync(job, cancel) ? "removed" : null),
    };

    private static Command Of(string name, string help, JobFlags flags, Func<IReadOnlyList<JobRecord>, Screen, int> show)
    {
        var (storage, json) = (new StorageFlags(), StorageFlags.Json());
        var command = new Command(name, help) { json };
        flags.AddTo(command);
        storage.AddTo(command);
        command.SetAction((parsed, cancel) => Guarded.RunAsync(async () =>
        {
            var account = await storage.ConnectAsync(parsed, cancel);
            var jobs = await FindAsync(account, flags.Filter(parsed, null), cancel);
            return show(jobs, new Screen(parsed.GetValue(json)));
        }, cancel));
        return command;
    }

    private static Command Changing(
        string name, string help, string done, JobStatus[] statuses, Func<JobControl, JobRecord, CancellationToken, Task<string?>> change)
    {
        var (storage, json, flags) = (new StorageFlags(), StorageFlags.Json(), new JobFlags(changes: true));
        var dryRun = new Option<bool>("--dry-run") { Description = "Show which jobs are meant and change nothing" };
        var command = new Command(name, help) { dryRun, json };
        flags.AddTo(command);
        storage.AddTo(command);
        command.SetAction((parsed, cancel) => Guarded.RunAsync(async () =>
        {
            flags.RequireOne(parsed, name);
            var account = await storage.ConnectAsync(parsed, cancel);
            var control = new JobControl(account, new JobLedger(account.Objects, new JobOptions(), TimeProvider.System, PerkServices.Worker));
            var jobs = await FindAsync(account, flags.Filter(parsed, statuses), cancel);
            var screen = new Screen(parsed.GetValue(json));
            var rows = new List<object>();
            foreach (var job in jobs)
            {
                var outcome = parsed.GetValue(dryRun) ? $"would be {done}" : await UnlessLeasedAsync(() => change(control, job, cancel));
                screen.Say(Markup.Escape($"{job.Collection}/{job.Job} ({Word(job.Status)}): {outcome}"));
                rows.Add(new { job.Collection, job.Job, job.Status, outcome });
            }

            if (jobs.Count == 0) screen.Say("No job is meant.");
            screen.Result(rows);
            return ExitCode.Success;
        }, cancel));
        return command;
    }

    private static async Task<IReadOnlyList<JobRecord>> FindAsync(StorageAccount account, JobFilter filter, CancellationToken cancel) =>
        filter.Exact(await new JobCatalog(account.Objects).ListAsync(filter, cancel).ToListAsync(cancel));

    private static async Task<string> UnlessLeasedAsync(Func<Task<string?>> change)
    {
        try
        {
            return await change() ?? "unchanged: it stands otherwise by now, or its message is still on the way to a host";
        }
        catch (ObjectLeasedException)
        {
            return "unchanged: a host works on it";
        }
    }

    private static int List(IReadOnlyList<JobRecord> jobs, Screen screen)
    {
        var table = new Table().Border(TableBorder.Simple).AddColumn("job", c => c.NoWrap()).AddColumns("collection", "status", "try", "since", "reason");
        foreach (var job in jobs)
        {
            table.AddRow(
                Markup.Escape(Short(job.Job)), Markup.Escape(job.Collection), Word(job.Status), job.Attempt.ToString(CultureInfo.InvariantCulture),
                (job.Ended ?? job.Started ?? job.Queued).ToString("u", CultureInfo.InvariantCulture), Markup.Escape(job.Reason ?? Progress(job)));
        }

        if (jobs.Count > 0) screen.Show(table);
        screen.Say(string.Create(CultureInfo.InvariantCulture, $"{jobs.Count} jobs: {string.Join(", ", jobs.CountBy(j => j.Status).OrderBy(c => c.Key).Select(c => $"{c.Value} {Word(c.Key)}"))}"));
        screen.Result(jobs);
        return ExitCode.Success;
    }

    private static int Show(IReadOnlyList<JobRecord> jobs, Screen screen)
    {
        if (jobs.Count == 0) throw new ArgumentException("There is no such job; perk jobs list shows those there are.");
        foreach (var job in jobs)
        {
            screen.Say($"[bold]{Markup.Escape(job.Job)}[/]");
            (string, string?)[] facts =
            [
                ("collection", job.Collection), ("status", Word(job.Status)), ("reason", job.Reason), ("generation", $"{job.Generation}"), ("try", $"{job.Attempt}"),
                ("worker", job.Worker), ("progress", Progress(job)), ("queued", $"{job.Queued:u}"), ("started", $"{job.Started:u}"),
                ("heartbeat", $"{job.Heartbeat:u}"), ("ended", $"{job.Ended:u}"), ("message", job.Message),
            ];
            foreach (var (name, fact) in facts.Where(f => !string.IsNullOrEmpty(f.Item2))) screen.Say($"  {name,-11}{Markup.Escape(fact!)}");
        }

        screen.Result(jobs);
        return ExitCode.Success;
    }

    private static string Progress(JobRecord job) => job is { Status: JobStatus.Running, Progress: { } at }
        ? string.Create(CultureInfo.InvariantCulture, $"step {at.Step} of {at.Steps}, loss {at.Loss:0.000}, {at.Tokens * 100.0 / Math.Max(1, at.Total):0} %")
        : "";

    /// <summary>A status as people read it.</summary>
    public static string Word(JobStatus status) => status == JobStatus.DeadLettered ? "dead-lettered" : status.ToString().ToLowerInvariant();

    private static string Short(string job) => job.Length <= 24 ? job : job[..24] + "…";
}
