namespace Perk.Core.Tasks.BabiLong;

/// <summary>What is asked about a story, and so how many facts an answer follows from.</summary>
public enum BabiLevel
{
    /// <summary>bAbI task 1, people move: where is a person? One fact.</summary>
    Qa1,

    /// <summary>bAbI task 2, people also take and leave objects: where is an object? Two facts.</summary>
    Qa2,

    /// <summary>bAbI task 3, the same world: where was an object before a place? Three facts.</summary>
    Qa3,

    /// <summary>The world of task 1: where was a person before a place? Two facts, of which the order matters.</summary>
    Order,
}
