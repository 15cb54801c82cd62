using System.CommandLine;
using Perk.Core.Jobs;
using Perk.Core.Storage;

namespace Perk.Cli.Commands;

/// <summary>The options that say which jobs are meant.</summary>
internal sealed class JobFlags
{
    private readonly Argument<string[]> _jobs;

    private readonly Option<string?> _collection = new("--collection") { Description = "Of this collection", HelpName = "NAME" };

    private readonly Option<JobStatus[]> _status = new("--status")
    {
        Description = "Standing so: queued, running, succeeded, failed, deadLettered, cancelled; give it once for each", HelpName = "STATUS",
    };

    private readonly Option<string?> _queue = new("--queue") { Description = $"Of this queue: {Names.EncodeQueue} or {Names.QuestionsQueue}", HelpName = "NAME" };

    private readonly Option<TimeSpan?> _olderThan = new("--older-than") { Description = "Ended so long ago or longer, such as 7.00:00:00 for seven days", HelpName = "SPAN" };

    private readonly Option<bool> _all = new("--all") { Description = "All jobs that can be" };

    private readonly bool _changes;

    /// <param name="named">Whether jobs must be named.</param>
    /// <param name="changes">Whether they are changed by it.</param>
    public JobFlags(bool named = false, bool changes = false)
    {
        _changes = changes;
        _jobs = new Argument<string[]>("JOB") { Description = "Job ids, or how they begin", Arity = named ? ArgumentArity.OneOrMore : ArgumentArity.ZeroOrMore };
    }

    public void AddTo(Command command)
    {
        command.Add(_jobs);
        foreach (var option in (Option[])[_collection, _status, _queue, _olderThan]) command.Add(option);
        if (_changes) command.Add(_all);
    }

    /// <summary>Nothing is changed by leaving something out.</summary>
    public void RequireOne(ParseResult parsed, string command)
    {
        if (parsed.GetValue(_all) || parsed.GetValue(_jobs) is { Length: > 0 } || parsed.GetValue(_status) is { Length: > 0 }
            || parsed.GetValue(_olderThan) is not null || parsed.GetValue(_queue) is not null || parsed.GetValue(_collection) is not null)
        {
            return;
        }

        throw new ArgumentException($"Which jobs? Name them, give --status, --queue, --collection or --older-than, or --all: perk jobs {command} --all --dry-run shows which those are.");
    }

    public JobFilter Filter(ParseResult parsed, JobStatus[]? possible)
    {
        var asked = parsed.GetValue(_status) is { Length: > 0 } statuses ? statuses : null;
        return new JobFilter(
            parsed.GetValue(_collection),
            asked is null ? possible : possible is null ? asked : [.. asked.Intersect(possible)],
            parsed.GetValue(_queue),
            parsed.GetValue(_jobs) is { Length: > 0 } jobs ? jobs : null,
            parsed.GetValue(_olderThan) is { } age ? TimeProvider.System.GetUtcNow() - age : null);
    }
}
