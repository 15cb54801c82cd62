namespace Perk.Core.Tasks.StudentRecords;

/// <summary>What is asked about a register.</summary>
public enum StudentQuestions
{
    /// <summary>One attribute of one student.</summary>
    Recall,

    /// <summary>Whether one student has a higher grade than another, or the same major, school or year.</summary>
    Relation,

    /// <summary>The highest, the lowest and the average grade of all.</summary>
    Aggregate,
}

/// <summary>Which registers and questions are drawn.</summary>
public sealed record StudentRecordsOptions
{
    /// <summary>What is asked.</summary>
    public StudentQuestions Family { get; init; } = StudentQuestions.Recall;

    /// <summary>The most tokens, at least <see cref="StudentRecordsTask.MinLength"/>; as many records as fit.</summary>
    public int Length { get; init; } = 1024;

    /// <summary>Questions a register, at most one for 64 tokens of its length; of the family Aggregate at most 3.</summary>
    public int Questions { get; init; } = 1;

    /// <summary>The seed.</summary>
    public long Seed { get; init; }

    /// <summary>The split.</summary>
    public TaskSplit Split { get; init; } = TaskSplit.Test;

    /// <summary>Draws the name of a student; null for one of the split's first names and one of its last names.</summary>
    public Func<Random, string>? Name { get; init; }

    /// <summary>
    /// Where the records asked about stand: those nearest to the depth, as many as there are questions (Recall), or pairs of the
    /// five more that are nearest (Relation).
    /// </summary>
    public NeedleDepth Depth { get; init; } = NeedleDepth.Random;

    /// <summary>Questions about students that the register does not have; none in the family Aggregate.</summary>
    public UnknownShares Unknown { get; init; } = UnknownShares.None;
}
