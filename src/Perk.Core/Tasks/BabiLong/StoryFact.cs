using System.Text.RegularExpressions;

namespace Perk.Core.Tasks.BabiLong;

/// <summary>What somebody does in a story.</summary>
internal enum FactAction
{
    /// <summary>Goes to a place.</summary>
    Move,

    /// <summary>Takes an object where both are.</summary>
    Grab,

    /// <summary>Leaves a held object where they are.</summary>
    Drop,
}

/// <summary>A line of a story, in the sentences of the bAbI files.</summary>
/// <param name="Text">The sentence.</param>
/// <param name="Action">What happens.</param>
/// <param name="Agent">Who does it.</param>
/// <param name="Target">The place or the object.</param>
internal sealed partial record StoryFact(string Text, FactAction Action, string Agent, string Target)
{
    private static readonly string[] MoveVerbs = ["moved", "went", "journeyed", "travelled", "went back"];
    private static readonly string[] GrabVerbs = ["got", "grabbed", "took", "picked up"];
    private static readonly string[] DropVerbs = ["dropped", "discarded", "left", "put down"];

    /// <summary>Tells an event with a verb at random; the sentence of a grab or a drop may end in <c>there</c>.</summary>
    internal static StoryFact Tell(FactAction action, string agent, string target, bool there, Random random)
    {
        var text = action switch
        {
            FactAction.Move => $"{agent} {random.Pick(MoveVerbs)} to the {target}.",
            FactAction.Grab => $"{agent} {random.Pick(GrabVerbs)} the {target}{(there ? " there" : "")}.",
            _ => $"{agent} {random.Pick(DropVerbs)} the {target}{(there ? " there" : "")}.",
        };
        return new(text, action, agent, target);
    }

    /// <summary>Reads a sentence; null where it is none of those of tasks 1 to 3.</summary>
    internal static StoryFact? Read(string text)
    {
        if (Sentence().Match(text) is not { Success: true } match) return null;
        var action = match.Groups["move"].Success ? FactAction.Move
            : match.Groups["grab"].Success ? FactAction.Grab
            : FactAction.Drop;
        return new(text, action, match.Groups["agent"].Value, match.Groups["target"].Value);
    }

    [GeneratedRegex(
        @"\A(?<agent>[A-Za-z]+) ((?<move>moved|went|journeyed|travelled|went back) to the (?<target>[A-Za-z]+)"
        + @"|((?<grab>got|grabbed|took|picked up)|dropped|discarded|left|put down) the (?<target>[A-Za-z]+)( there)?)\.\z",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Sentence();
}
