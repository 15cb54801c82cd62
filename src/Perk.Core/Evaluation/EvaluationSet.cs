using System.Text;
using System.Text.Json;
using Perk.Core.Tasks;

namespace Perk.Core.Evaluation;

/// <summary>The problems of a run: the first draws of a task that gave one. Only their numbers are kept.</summary>
public sealed class EvaluationSet
{
    /// <summary>After so many draws in a row without a problem a simulation is given up.</summary>
    private const int Patience = 1000;

    private readonly IMemoryTask _task;
    private readonly List<int> _draws = [];
    private readonly StringBuilder _digest = new();
    private readonly HashSet<string> _contexts = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, int> _dropped = new(StringComparer.Ordinal);

    /// <summary>Draws until there are enough.</summary>
    /// <param name="task">The task.</param>
    /// <param name="contexts">How many are wanted.</param>
    /// <param name="cancel">Checked before each draw.</param>
    /// <exception cref="ArgumentException">There are fewer than two; the message says why draws gave none.</exception>
    /// <exception cref="OperationCanceledException"/>
    public EvaluationSet(IMemoryTask task, int contexts, CancellationToken cancel)
    {
        _task = task;
        foreach (var (reason, rows) in task.DroppedRows) _dropped[$"{reason} (rows of the file)"] = rows;
        for (int draw = 0, idle = 0; _draws.Count < contexts && draw < (task.Draws ?? int.MaxValue) && (idle < Patience || task.Draws is not null); draw++)
        {
            cancel.ThrowIfCancellationRequested();
            var drawn = task.Draw(draw);
            foreach (var (reason, questions) in drawn.LeftOut) Count(reason, questions);
            if (drawn.Problem is not { } problem)
            {
                Count(drawn.Dropped!, 1);
                idle++;
            }
            else if (!_contexts.Add(Ids.Sha256(problem.Context)))
            {
                // Questions of one document are one cluster, and it is no other document to itself.
                Count("the context was drawn before", 1);
                idle++;
            }
            else
            {
                _draws.Add(draw);
                _digest.Append(JsonSerializer.Serialize(
                    new { context = Ids.Sha256(problem.Context), problem.Unit, questions = problem.Questions.Select(q => new { q.Text, q.Kind, q.Answers, q.Answerability, support = q.Support.Select(s => s.Text) }) }, Json.Compact));
                Questions += problem.Questions.Count;
                idle = 0;
            }
        }

        if (_draws.Count >= 2) return;
        var reasons = string.Join(", ", _dropped.Select(d => $"{d.Value} × {d.Key}"));
        throw new ArgumentException(
            $"Task {task.Name} gives {_draws.Count} contexts, and an evaluation needs two or more ({(reasons.Length > 0 ? reasons : "the data hold no more")}); "
            + "change the length or give more data.");
    }

    /// <summary>How many contexts there are; fewer than wanted where the data hold no more.</summary>
    public int Contexts => _draws.Count;

    /// <summary>The sha256 over contexts, questions, answers and support: another one where a task draws otherwise than it did.</summary>
    public string Digest => Ids.Sha256(_digest.ToString());

    /// <summary>All their questions.</summary>
    public int Questions { get; }

    /// <summary>What is not asked: draws without a problem, questions and rows left out, by reason.</summary>
    public IReadOnlyDictionary<string, int> Dropped => _dropped;

    /// <summary>The draw of a context.</summary>
    public int DrawOf(int index) => _draws[index];

    /// <summary>A context, drawn again.</summary>
    public Problem this[int index] => _task.Draw(_draws[index]).Problem!;

    private void Count(string reason, int more) => _dropped[reason] = _dropped.GetValueOrDefault(reason) + more;
}
