using System.Collections.ObjectModel;

namespace Perk.Core.Tasks;

/// <summary>
/// A family of problems: contexts with questions whose answers stand in them. Pure text, a function of its options, its seed and
/// a number: the same on any machine.
/// </summary>
public interface IMemoryTask
{
    /// <summary>Its name on the command line, such as <c>qa1</c>.</summary>
    string Name { get; }

    /// <summary>How many draws there are; null where they have no end (a simulation).</summary>
    int? Draws { get; }

    /// <summary>Draws problem <paramref name="index"/>, which depends on nothing that was drawn before.</summary>
    /// <param name="index">From 0, below <see cref="Draws"/>.</param>
    /// <returns>The problem, or why there is none: what was drawn does not fit the asked length, say.</returns>
    Draw Draw(int index);

    /// <summary>Rows of the data that are no problems, by reason; none where a task has no file or reads all of it.</summary>
    IReadOnlyDictionary<string, int> DroppedRows => ReadOnlyDictionary<string, int>.Empty;

    /// <summary>
    /// Gold answers as training would show them, for the control that answers blindly. A simulation draws them from its training
    /// split. A task over a file gives the answers of the file's problems, each with its draw, so that a problem's own are left out.
    /// </summary>
    IReadOnlyList<GoldAnswer> TrainingAnswers();
}

/// <summary>What one draw gave.</summary>
/// <param name="Problem">The problem, or null.</param>
/// <param name="Dropped">Why there is none, as words to count by (such as <c>longer than the context</c>); null with a problem.</param>
public sealed record Draw(Problem? Problem, string? Dropped)
{
    /// <summary>Questions that a drawn problem leaves out, by reason.</summary>
    public IReadOnlyDictionary<string, int> LeftOut { get; init; } = ReadOnlyDictionary<string, int>.Empty;

    /// <summary>A draw that gave a problem.</summary>
    public static Draw Of(Problem problem) => new(problem, null);

    /// <summary>A draw that gave none.</summary>
    public static Draw None(string reason) => new(null, reason);
}

/// <summary>A gold answer that training shows.</summary>
/// <param name="Kind">The kind of question, see <see cref="ProblemQuestion.Kind"/>.</param>
/// <param name="Answer">The answer.</param>
/// <param name="Draw">The draw it belongs to, where training and test problems come from one file; null for a training split.</param>
public sealed record GoldAnswer(string Kind, string Answer, int? Draw = null);

/// <summary>Which of the disjoint lists of names, ids, places a simulation takes.</summary>
public enum TaskSplit
{
    /// <summary>Those that meta-training sees.</summary>
    Train,

    /// <summary>Those that it never sees.</summary>
    Test,
}
