using Perk.Core.Models;
using Perk.Core.Tasks;
using Perk.Core.Tasks.StudentRecords;

namespace Perk.Core.Training;

/// <summary>Questions about small registers in the window: an attribute of one student, or a comparison of two.</summary>
/// <param name="tokenizer">The model's tokenizer.</param>
/// <param name="tokens">The longest sequence.</param>
/// <param name="questions">The most questions about a register.</param>
/// <param name="contentWeight">How much content weighs among an answer\'s tokens.</param>
/// <param name="names">Draws what draws the students' names: null for those of the training lists.</param>
internal sealed class RecordQuestions(
    TextTokenizer tokenizer, int tokens, int questions, double contentWeight, Func<Random, Func<Random, string>?> names) : ISampleSource
{
    private const int Longest = 600; // GPT-2's tokens

    // A register takes about twice as many of a small model's tokens as of GPT-2's; much longer ones would be drawn for nothing.
    private readonly int _longest = Math.Clamp(tokens * 9 / 20, StudentRecordsTask.MinLength, Longest);

    /// <inheritdoc/>
    public WeightedSequence? Draw(Random random)
    {
        var task = new StudentRecordsTask(new StudentRecordsOptions
        {
            Family = random.Next(2) == 0 ? StudentQuestions.Recall : StudentQuestions.Relation,
            Length = random.Next(StudentRecordsTask.MinLength, _longest + 1),
            Split = TaskSplit.Train,
            Questions = questions,
            Name = names(random),
        });
        return task.Draw(StoryOptions.Index(random)).Problem is { } problem
            ? AskedInWindow.Sequence(tokenizer, tokens, problem, contentWeight)
            : null;
    }
}
